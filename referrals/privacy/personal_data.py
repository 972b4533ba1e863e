"""What Opus has of a candidate, and how her copy says it (V9, V13)."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.text import capfirst

from accounts.privacy.personal_data import corrections_in_words, day
from offers.page.models import SeenOffer
from opus.lib import french
from opus.lib.dates import date_format
from opus.lib.french import plain
from opus.lib.privacy.personal_data import (
    Group,
    Item,
    Known,
    Person,
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
            group=Group.REGISTERED if one.ft_id else Group.NOT_REGISTERED,
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
    mine = Candidate.objects.filter(pk__in=person.candidates)
    for candidate in mine.select_related("structure").order_by("created_at"):
        title = f"Votre fiche à la structure {candidate.structure}"
        yield Section(10, title, tuple(facts_of(candidate)))
    acts = Act.objects.filter(candidate__in=person.candidates).whole()
    done = tuple(map(act_in_words, acts.order_by("created_at")))
    yield Section(20, "Ce qui a été fait pour vous", done)
    kept = tuple(kept_for(mine))
    yield Section(30, "Ce qui est gardé pour vous", kept)


def facts_of(candidate: Candidate) -> Iterator[Item]:
    yield Item(f"Vous vous appelez {candidate}.")
    for name, typed in Candidate.TYPED.items():
        if typed.in_copy and (value := getattr(candidate, name)):
            yield Item(f"{typed.in_copy} est\xa0: {value}.")
    place = f"{candidate.postcode} {candidate.city}".strip()
    if lines := ", ".join(filter(None, (candidate.address, place))):
        yield Item(f"Votre adresse est\xa0: {lines}.")
    yield Item(
        f"Un conseiller de cette structure a ouvert cette fiche le "
        f"{day(candidate.created_at)}."
    )
    for consent in candidate.mail_consents.order_by("recorded_at"):
        given = date_format(consent.given_on, "j F Y")
        ended = consent.withdrawn_at
        over = f", et cet accord est retiré depuis le {day(ended)}" if ended else ""
        yield Item(f"Vous avez accepté les courriels d’Opus le {given}{over}.")
    for limit in candidate.limits.order_by("placed_at"):
        over = f", jusqu’au {day(limit.lifted_at)}" if limit.lifted_at else ""
        yield Item(
            f"À votre demande n°\xa0{limit.reference}, ceci s’est arrêté le "
            f"{day(limit.placed_at)}{over}\xa0: {limit.get_processing_display()}."
        )
    yield from corrections_in_words(Person(candidates=frozenset({candidate.pk})))


def act_in_words(act: Any) -> Item:
    """Return the act, then its steps: nobody's name."""
    offer = act.offer
    facts = ", ".join(filter(None, (offer.company, offer.place_label)))
    where = f" ({facts})" if facts else ""
    details = [f"{day(step.at)}\xa0: {named(step.label)}" for step in timeline_of(act)]
    # What the agency asked about her, and the answer.
    for one in act.questions.all() if isinstance(act, ScreenedReferral) else ():
        details.append(
            f"{day(one.asked_at)}\xa0: l’agence demande «\xa0{one.text}\xa0»"
        )
        if one.answered_at:
            answer = f"réponse «\xa0{one.answer}\xa0»"
            details.append(f"{day(one.answered_at)}\xa0: {answer}")
    return Item(
        f"{capfirst(act._meta.verbose_name)} n°\xa0{act.number}, sur l’offre "
        f"n°\xa0{offer.pk}, «\xa0{offer.title}\xa0»{where}\xa0: "
        f"{act.get_state_display()}.",
        tuple(details),
    )


def named(label: str) -> str:
    """Return a step's label without the name of the new adviser."""
    return CONFIDED if label.startswith(CONFIDED[:13]) else label


def kept_for(mine: Any) -> Iterator[Item]:
    for candidate in mine.order_by("created_at"):
        for favourite in candidate.favourites.select_related("offer"):
            offer = f"n°\xa0{favourite.offer.pk}, «\xa0{favourite.offer.title}\xa0»"
            yield Item(f"Une offre gardée\xa0: {offer}.")
        for search in candidate.saved_searches.all():
            yield Item(f"Une recherche enregistrée\xa0: «\xa0{search.name}\xa0».")


@narrator
def habits_in_words(person: Person) -> Iterator[Section]:
    """Yield what an account keeps for itself."""
    searches = SavedSearch.objects.filter(account__in=person.accounts)
    items = [
        Item(f"Une recherche enregistrée\xa0: «\xa0{name}\xa0».")
        for name in searches.values_list("name", flat=True)
    ]
    if seen := SeenOffer.objects.filter(account__in=person.accounts).count():
        items.append(Item(f"Offres que vous avez ouvertes récemment\xa0: {seen}."))
    yield Section(30, "Ce que votre compte garde", tuple(items))
