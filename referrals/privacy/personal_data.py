"""What Opus has of a candidate, and how her copy says it (V9, V13)."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from offers.page.models import SeenOffer
from opus.lib import french
from opus.lib.french import plain
from opus.lib.privacy.models import corrections_of
from opus.lib.privacy.personal_data import (
    Known,
    Person,
    PersonKind,
    Recipient,
    Retention,
    Section,
    Table,
    declare,
    describer,
    finder,
    narrator,
    recipients,
    same_person,
)
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.timeline import timeline_of
from referrals.candidates.actions import clean_ft_id, is_ft_id
from referrals.candidates.models import Candidate, MergedRecord
from referrals.cv_requests.models import CvFile
from referrals.favourites.models import Favourite
from referrals.preselection.models import ScreenedReferral
from referrals.saved_searches.models import SavedSearch

OURS = "clé interne d’un formulaire, qui ne dit rien de la personne"
SAME_AS_PDF = "le PDF joint dit la même chose"
FINGERPRINT = "empreinte du lien\u00a0: elle ne dit rien"
TRANSFER_PEOPLE = ("asked_by", "acts_to", "others_to", "confirmed_by", "checked_by")


def of_candidate(
    name: str, *others: str, path: str = "candidate", kept: Retention = Retention.ACTS
) -> Table:
    return Table(f"referrals.{name}", kept, candidates=(path,), others=others)


def of_account(name: str, path: str, *others: str) -> Table:
    """Return the table of an account's data; others are masked."""
    table = f"referrals.{name}"
    return Table(table, Retention.ACCOUNT, accounts=(path,), others=others)


declare(
    of_candidate("Candidate", "adviser", path="pk"),
    of_candidate("Correction", "by"),
    replace(of_candidate("Act", "adviser"), left_out={"idempotency_key": OURS}),
    of_candidate("ActStep", "by", path="act__candidate"),
    of_candidate("AppointmentDetails", path="act__candidate"),
    of_candidate(
        "ApplicationQuestion", "asked_by", "answered_by", path="act__candidate"
    ),
    of_candidate(
        "DateProposal", "proposed_by", "answered_by", path="appointment__candidate"
    ),
    of_candidate("CvFile", "by", path="cv_request__candidate", kept=Retention.CV),
    of_candidate("Outcome", "by", path="act__candidate"),
    *(
        replace(of_candidate(name, path=path), left_out={"html": SAME_AS_PDF})
        for name, path in (
            ("Document", "candidate"),
            ("EasyDocument", "document__candidate"),
            ("VoidDocument", "document__candidate"),
        )
    ),
    of_candidate("Favourite", "adviser", kept=Retention.HABITS),
    replace(
        of_candidate("SavedSearch", "muted_by", kept=Retention.HABITS),
        accounts=("account",),
    ),
    of_account("StandIn", "owner", "colleague", "created_by", "ended_by"),
    of_account("CaseloadTransfer", "account", *TRANSFER_PEOPLE),
    of_account("CaseloadTransferStep", "transfer__account", "by"),
    of_candidate("MailConsent", "recorded_by", "withdrawn_by"),
    replace(
        of_candidate("DocumentMail", "asked_by", path="consent__candidate"),
        left_out={"digest": FINGERPRINT},
    ),
    Table("referrals.PrintJob", Retention.FILES, accounts=("account",)),
    of_candidate("CandidateHold", "placed_by", "lifted_by"),
    of_candidate("ProcessingLimit", "placed_by", "lifted_by"),
    of_candidate("MergedRecord", "by"),
    # A slot concerns no person; an account only opened it.
    Table("referrals.Slot", Retention.ACTS, others=("opened_by",)),
)


@same_person
def merged_records(person: Person) -> Person:
    """Return her record and its former numbers: the journal has both."""
    rows = MergedRecord.objects.filter(former__in=person.candidates)
    kept = person.candidates | set(rows.values_list("candidate", flat=True))
    former = MergedRecord.objects.filter(candidate__in=kept)
    return Person(candidates=kept | set(former.values_list("former", flat=True)))


@finder
def by_ft_id_or_act(typed: str) -> Person:
    """Return the candidates with that identifier, act or address (S24)."""
    ft_id = clean_ft_id(typed)
    if is_ft_id(ft_id):
        found = Candidate.objects.filter(ft_id=ft_id)
    elif "@" in typed:
        found = Candidate.objects.filter(email__iexact=typed)
    else:
        found = Candidate.objects.filter(acts__number=typed.upper())
    return Person(candidates=frozenset(found.values_list("pk", flat=True)))


@describer
def candidates_of(person: Person) -> Iterator[Known]:
    """Yield each candidate with identifier, address, structure.

    Same France Travail identifier, else same name and address: one person.
    """
    mine = Candidate.objects.filter(pk__in=person.candidates).order_by("pk")
    acts = Act.objects.filter(candidate__in=person.candidates)
    safirs: dict[uuid.UUID, set[str]] = defaultdict(set)
    for candidate, safir in acts.values_list("candidate", "offer__agency_safir"):
        safirs[candidate].add(safir)
    for one in mine.select_related("structure"):
        name = f"{one.first_name} {one.last_name}"
        registered = one.ft_id and f"identifiant France Travail {one.ft_id}"
        facts = (registered, one.email, one.city, f"fiche {french.of(one.structure)}")
        yield Known(
            key=f"referrals.candidate {one.pk}",
            pk=one.pk,
            who=one.ft_id or f"{plain(name)} {one.email.lower() or one.pk}",
            kind=PersonKind.REGISTERED if one.ft_id else PersonKind.NOT_REGISTERED,
            name=name,
            facts=tuple(filter(None, facts)),
            agencies=frozenset({one.structure.agency_id, *safirs[one.pk]}),
        )


@recipients
def of_candidates(person: Person) -> Iterator[Recipient]:
    """Yield the recipients: structures, agencies, network."""
    mine = Candidate.objects.filter(pk__in=person.candidates)
    for structure in mine.values_list("structure__name", flat=True).order_by("pk"):
        yield Recipient(f"structure {structure}", "la fiche et les propositions")
    acts = Act.objects.filter(candidate__in=person.candidates)
    rows = acts.order_by("kind", "number")
    for kind, number, safir in rows.values_list(
        "kind", "number", "offer__agency_safir"
    ):
        if safir and kind != ActKind.REFERRAL:
            yield Recipient(
                f"agence France Travail {safir}", f"la proposition n° {number}"
            )
    cvs = CvFile.objects.filter(cv_request__candidate__in=person.candidates)
    for safir in cvs.values_list("cv_request__offer__agency_safir", flat=True):
        yield Recipient(f"agence France Travail {safir}", "un CV")
    if person.candidates:
        yield Recipient(
            "système d’information de France Travail",
            "les étapes des propositions, par numéros et codes, sans nom",
        )


CONFIDED = "Suivi confié à un autre conseiller"


@narrator
def candidate_in_words(person: Person) -> Iterator[Section]:
    mine = Candidate.objects.filter(pk__in=person.candidates).order_by("created_at")
    for candidate in mine.select_related("structure"):
        place = f"{candidate.postcode} {candidate.city}".strip()
        context = {
            "candidate": candidate,
            "typed": [
                (typed.in_copy, getattr(candidate, name))
                for name, typed in Candidate.TYPED.items()
                if typed.in_copy and getattr(candidate, name)
            ],
            "address": ", ".join(filter(None, (candidate.address, place))),
            "consents": candidate.mail_consents.order_by("recorded_at"),
            "limits": candidate.limits.order_by("placed_at"),
            "corrections": corrections_of(Person(candidates=frozenset({candidate.pk}))),
        }
        yield Section(10, "referrals/privacy/copy/record.html", context)
    acts = Act.objects.filter(candidate__in=person.candidates).whole()
    done = [
        (
            act,
            [(step.at, named(step.label)) for step in timeline_of(act)],
            act.questions.all() if isinstance(act, ScreenedReferral) else (),
        )
        for act in acts.order_by("created_at")
    ]
    yield Section(20, "referrals/privacy/copy/acts.html", {"acts": done})
    favourites = Favourite.objects.filter(candidate__in=mine).select_related("offer")
    searches = SavedSearch.objects.filter(candidate__in=mine)
    kept = {
        "favourites": favourites.order_by("candidate__created_at", "-created_at"),
        "searches": searches.order_by("candidate__created_at", "name"),
    }
    yield Section(30, "referrals/privacy/copy/kept.html", kept)


def named(label: str) -> str:
    """Return a step's label without the name of the new adviser."""
    return CONFIDED if label.startswith(CONFIDED[:13]) else label


@narrator
def habits_in_words(person: Person) -> Iterator[Section]:
    """Yield what an account keeps for itself."""
    context = {
        "searches": SavedSearch.objects.filter(account__in=person.accounts),
        "seen": SeenOffer.objects.filter(account__in=person.accounts).count(),
    }
    yield Section(30, "referrals/privacy/copy/habits.html", context)
