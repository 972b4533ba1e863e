"""Personal data in the tables of acts: candidates and their advisers."""

import uuid
from collections import defaultdict
from collections.abc import Iterator

from offers.reference.places import plain
from opus.lib.privacy.personal_data import (
    Group,
    Known,
    Person,
    Recipient,
    Retention,
    Table,
    declare,
    describer,
    finder,
    recipients,
)
from referrals.acts.act_rights import ActKind
from referrals.acts.registry import every_act
from referrals.candidates.actions import clean_ft_id, is_ft_id
from referrals.candidates.models.candidates import Candidate
from referrals.cv_requests.models import CvFile

# The table of each kind of act → the key of its steps.
ACTS = {
    "Referral": "referral",
    "ScreenedReferral": "screened_referral",
    "CvRequest": "cv_request",
    "Appointment": "appointment",
}
OURS = "clé interne d’un formulaire, qui ne dit rien de la personne"

declare(
    Table(
        "referrals.Candidate", Retention.ACTS, candidates=("pk",), others=("adviser",)
    ),
    Table(
        "referrals.Correction",
        Retention.ACTS,
        candidates=("candidate",),
        others=("by",),
    ),
    *(
        Table(
            f"referrals.{name}",
            Retention.ACTS,
            candidates=("candidate",),
            others=("adviser",),
            left_out={"idempotency_key": OURS},
        )
        for name in ACTS
    ),
    *(
        Table(
            f"referrals.{name}Step",
            Retention.ACTS,
            candidates=(f"{key}__candidate",),
            others=("by",),
        )
        for name, key in ACTS.items()
    ),
    Table(
        "referrals.CvFile",
        Retention.CV,
        candidates=("cv_request__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.Outcome",
        Retention.ACTS,
        candidates=("referral__candidate", "screened_referral__candidate"),
        others=("by",),
    ),
    *(
        Table(
            f"referrals.{name}",
            Retention.ACTS,
            candidates=(path,),
            left_out={"html": "le PDF joint dit la même chose"},
        )
        for name, path in (
            ("Document", "candidate"),
            ("EasyDocument", "document__candidate"),
            ("VoidDocument", "document__candidate"),
        )
    ),
    Table(
        "referrals.Favourite",
        Retention.HABITS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table(
        "referrals.SavedSearch",
        Retention.HABITS,
        accounts=("account",),
        candidates=("candidate",),
        others=("muted_by",),
    ),
    # Data of the owner of the caseload; of his colleague, masked.
    Table(
        "referrals.StandIn",
        Retention.ACCOUNT,
        accounts=("owner",),
        others=("colleague", "created_by", "ended_by"),
    ),
    Table(
        "referrals.CaseloadTransfer",
        Retention.ACCOUNT,
        accounts=("account",),
        others=("asked_by", "acts_to", "others_to", "confirmed_by"),
    ),
    Table(
        "referrals.CaseloadTransferStep",
        Retention.ACCOUNT,
        accounts=("transfer__account",),
        others=("by",),
    ),
    Table(
        "referrals.MailConsent",
        Retention.ACTS,
        candidates=("candidate",),
        others=("recorded_by", "withdrawn_by"),
    ),
    Table(
        "referrals.DocumentMail",
        Retention.ACTS,
        candidates=("consent__candidate",),
        others=("asked_by",),
        left_out={"digest": "empreinte du lien\u00a0: elle ne dit rien"},
    ),
    Table("referrals.PrintJob", Retention.FILES, accounts=("account",)),
    Table(
        "referrals.CandidateHold",
        Retention.ACTS,
        candidates=("candidate",),
        others=("placed_by", "lifted_by"),
    ),
    # A slot concerns no person; an account only opened it.
    Table("referrals.Slot", Retention.ACTS, others=("opened_by",)),
)


@finder
def by_ft_id_or_act(typed: str) -> Person:
    """Return the candidates with that identifier, act or address (S24)."""
    ft_id = clean_ft_id(typed)
    if is_ft_id(ft_id):
        found = Candidate.objects.filter(ft_id=ft_id)
    elif "@" in typed:
        found = Candidate.objects.filter(email__iexact=typed)
    else:
        number = typed.upper()
        acts = every_act(lambda acts: acts.filter(number=number), "candidate")
        found = Candidate.objects.filter(pk__in=[candidate for _, candidate in acts])
    return Person(candidates=frozenset(found.values_list("pk", flat=True)))


@describer
def candidates_of(person: Person) -> Iterator[Known]:
    """Yield each candidate with identifier, address, structure.

    Same France Travail identifier, else same name and address: one person.
    """
    mine = Candidate.objects.filter(pk__in=person.candidates).order_by("pk")
    acts = every_act(
        lambda acts: acts.filter(candidate__in=person.candidates),
        "candidate",
        "offer__agency_safir",
    )
    safirs: dict[uuid.UUID, set[str]] = defaultdict(set)
    for _, candidate, safir in acts:
        safirs[candidate].add(safir)
    for one in mine.select_related("structure"):
        name = f"{one.first_name} {one.last_name}"
        yield Known(
            key=f"referrals.candidate {one.pk}",
            pk=one.pk,
            who=one.ft_id or f"{plain(name)} {one.email.lower() or one.pk}",
            group=Group.REGISTERED if one.ft_id else Group.NOT_REGISTERED,
            name=name,
            facts=tuple(
                fact
                for fact in (
                    one.ft_id and f"identifiant France Travail {one.ft_id}",
                    one.email,
                    one.city,
                    f"fiche de {one.structure}",
                )
                if fact
            ),
            agencies=frozenset({one.structure.agency_id, *safirs[one.pk]}),
        )


@recipients
def of_candidates(person: Person) -> Iterator[Recipient]:
    """Yield the recipients: structures, agencies with an act or CV, network."""
    mine = Candidate.objects.filter(pk__in=person.candidates)
    for structure in mine.values_list("structure__name", flat=True).order_by("pk"):
        yield Recipient(f"structure {structure}", "la fiche et les actes")
    acts = every_act(
        lambda acts: acts.filter(candidate__in=person.candidates),
        "number",
        "offer__agency_safir",
    )
    for kind, number, safir in sorted(acts):
        if safir and kind != ActKind.REFERRAL:
            yield Recipient(f"agence France Travail {safir}", f"l’acte n° {number}")
    cvs = CvFile.objects.filter(cv_request__candidate__in=person.candidates)
    for safir in cvs.values_list("cv_request__offer__agency_safir", flat=True):
        yield Recipient(f"agence France Travail {safir}", "un CV")
    if person.candidates:
        yield Recipient(
            "système d’information de France Travail",
            "les étapes des actes, par numéros et codes, sans nom",
        )
