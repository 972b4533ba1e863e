"""What goes of candidates, at term or on request; what is counted of them.

V9, V10, V20, article 10. The related rows come from the register.
"""

import datetime as dt
import hmac
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from django import forms
from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from accounts.users.enums import UserState
from offers.page.models import SeenOffer
from opus.lib import french, jobs
from opus.lib.database.states import MoveRefused
from opus.lib.french_regions import department_of_postcode
from opus.lib.outbound import outbox
from opus.lib.privacy import retention
from opus.lib.privacy.models import LEGAL_HOLD
from opus.lib.privacy.personal_data import (
    Editable,
    Person,
    Retention,
    Table,
    editable,
    erasure,
    kept_because,
    lifting,
    objection,
    objectionable,
    restriction,
    tables,
)
from referrals.acts.models import Act
from referrals.candidate_emails.actions import withdraw_consent
from referrals.candidate_emails.emails import close_links
from referrals.candidates.actions import clean_ft_id
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models import Candidate, Processing, ProcessingLimit
from referrals.corrections.actions import acts_where, rectify, staff_who_read
from referrals.cv_requests.models import CvFile
from referrals.documents.models import PrintedDocument, PrintJob
from referrals.favourites.models import Favourite
from referrals.privacy import emails
from referrals.privacy.emails import candidate_erased
from referrals.privacy.models import OTHERS, CandidateHold, PastActs
from referrals.saved_searches.models import AlertPace, SavedSearch

# Month or year, department, kind, outcome.
Cell = tuple[str, str, str, str]

# From the finest cell to the widest: too few acts for one go into the next.
WIDER: tuple[Callable[[Cell], Cell], ...] = (
    lambda cell: cell,
    lambda cell: (*cell[:3], OTHERS),
    lambda cell: (cell[0], OTHERS, cell[2], OTHERS),
    lambda cell: (cell[0][:4], OTHERS, cell[2], OTHERS),
    lambda cell: (cell[0][:4], OTHERS, OTHERS, OTHERS),
)


def count(candidates: Collection[UUID]) -> tuple[int, int]:
    """Count the acts of these persons, before they are deleted.

    Returns (acts counted, acts too few even for the widest cell).
    """
    left = list(acts_of_persons(candidates))
    made = len(left)
    for widen in WIDER:
        groups: defaultdict[Cell, list[tuple[Cell, UUID]]] = defaultdict(list)
        for cell, person in left:
            groups[widen(cell)].append((cell, person))
        left = []
        for wide, members in groups.items():
            persons = {person for _, person in members}
            if not add(wide, acts=len(members), persons=len(persons)):
                left += members
    return made - len(left), len(left)


def acts_of_persons(candidates: Any) -> Iterator[tuple[Cell, UUID]]:
    """Yield the finest cell and the person of each act."""
    acts = Act.objects.filter(candidate__in=candidates).order_by()
    rows = acts.values_list(
        *("kind", "created_at", "structure__postcode"),
        *("outcome__code_id", "state", "candidate_id"),
    )
    for kind, made_at, postcode, outcome, state, person in rows:
        month = f"{timezone.localtime(made_at):%Y-%m}"
        department = department_of_postcode(postcode)
        place = department.code if department else OTHERS
        yield (month, place, kind, outcome or state), person


def add(cell: Cell, *, acts: int, persons: int) -> bool:
    """Add to a cell, or open it; False: too few."""
    grown = PastActs.objects.filter(pk=cell).update(
        acts=F("acts") + acts, persons=F("persons") + persons
    )
    if grown:
        return True
    if persons < settings.KEPT.cell_of:
        return False
    PastActs.objects.create(pk=cell, acts=acts, persons=persons)
    return True


# The classes deleted with the person; the others have their own term.
WITH_THE_PERSON = {Retention.ACTS, Retention.CV, Retention.HABITS}


def hanging() -> list[Table]:
    """Return the tables deleted with a person, the deepest first."""
    found = [
        table
        for table in tables()
        if table.candidates and table.retention in WITH_THE_PERSON
    ]
    return sorted(found, key=depth, reverse=True)


def depth(table: Table) -> int:
    """Return the number of keys to the person."""
    return max(0 if way == "pk" else way.count("__") + 1 for way in table.candidates)


def staying() -> Iterator[tuple[Table, str]]:
    """Return the keys that are emptied, in tables that stay."""
    for table in tables():
        if table.retention not in WITH_THE_PERSON:
            for way in table.candidates:
                if "__" not in way:
                    yield table, way


def purge(pks: Sequence[Any]) -> retention.Counts:
    """Delete one batch of persons, following the keys."""
    counted, uncounted = count(pks)
    counts = {"propositions comptées": counted, "propositions trop rares": uncounted}
    # The file of a print job contains her documents: delete the whole job.
    printed = PrintedDocument.objects.filter(document__candidate__in=pks)
    counts |= retention.deleted(PrintJob.objects.filter(pk__in=printed.values("job")))
    for table, key in staying():
        rows = table.class_._base_manager.filter(**{f"{key}__in": pks})
        rows.update(**{key: None})
    for table in hanging():
        theirs = Q()
        for way in table.candidates:
            theirs |= Q(**{f"{way}__in": pks})
        gone = retention.delete(table.class_._base_manager.filter(theirs))
        counts[str(table.class_._meta.verbose_name_plural)] = gone
    return {what: number for what, number in counts.items() if number}


def delete_habits() -> retention.Counts:
    """Delete old favourites, and searches of closed accounts (U6, V11)."""
    free = retention.free(accounts="account")
    left = SavedSearch.objects.filter(free, account__state=UserState.CLOSED)
    return retention.deleted(Favourite.objects.forgotten()) | retention.deleted(left)


retention.keeps(retention.Keeper(LEGAL_HOLD, candidates=CandidateHold.objects.in_force))
# Frozen data are kept until the decision (GDPR 18.2).
retention.keeps(
    retention.Keeper(
        "limitation à la demande du candidat",
        candidates=ProcessingLimit.objects.in_force,
    )
)
retention.register_purge(
    retention.Purge(
        Retention.ACTS, "candidats", Candidate.objects.at_term, purge, candidates="pk"
    )
)
retention.purged_by(
    retention.Job(
        Retention.CV,
        "check-cvs",
        lambda: {"CV vidés": CvFile.objects.to_purge().count()},
    )
)
retention.purged_by(
    retention.Job(Retention.HABITS, "forget-habits", retention.rehearsed(delete_habits))
)


@shared_task
@jobs.exclusive("forget-habits", every=dt.timedelta(hours=1))
def forget_habits() -> None:
    """Delete old favourites, and searches of closed accounts (U6)."""
    delete_habits()


# What the holder of an account may object to; the rest serves the agreement or its
# safety (docs/data-protection.md).
ALERTS, HABITS = "alertes", "habitudes"


@editable
def rectifiable(person: Person) -> Iterator[Editable]:
    for candidate in candidates_of(person).select_related("structure"):
        fields = {name: field_of(name) for name in CandidateForm.Meta.fields}
        title = f"Fiche {french.of(candidate.structure)}"
        yield Editable(candidate, title, fields, partial(rectify, candidate))


@kept_because
def why_kept(person: Person) -> str:
    holds = CandidateHold.objects.in_force()
    if holds.filter(candidate__in=person.candidates).exists():
        return "Ces données sont conservées pour un litige (RGPD, art. 17.3)."
    live = Act.objects.live().filter(candidate__in=person.candidates)
    if numbers := sorted(live.values_list("number", flat=True)):
        return (
            "Des propositions sont en cours, et un employeur ou une agence attend "
            f"cette personne\xa0: {', '.join(numbers)}. Faites-les d’abord annuler "
            "par son conseiller."
        )
    return ""


@erasure
def erase_now(person: Person, *, by: Any, reference: str) -> retention.Counts:
    """Delete all as at term, and notify the recipients (GDPR 19)."""
    people = list(candidates_of(person).select_for_update())
    for candidate in people:
        notify_recipients(candidate, by=by)
    if not people:
        return {}
    with retention.deletions_allowed():
        counts = purge([one.pk for one in people])
        connection.check_constraints()
    return counts


@restriction
def restrict(person: Person, *, by: Any, reference: str) -> retention.Counts:
    return limit(person, Processing.ALL, by=by, reference=reference)


@lifting
def lift(person: Person, *, by: Any, reference: str) -> retention.Counts:
    lifted = 0
    for candidate in candidates_of(person):
        for row in candidate.limits.filter(reference=reference, lifted_at__isnull=True):
            row.lifted_at, row.lifted_by = timezone.now(), by
            row.save(update_fields=["lifted_at", "lifted_by"])
            emails.notify_limit(candidate, row)
            lifted += 1
    return {"limites levées": lifted} if lifted else {}


@objectionable
def objections(person: Person) -> Mapping[str, str]:
    if person.candidates:
        return {one.value: one.label for one in Processing if one != Processing.ALL}
    if person.accounts:
        return {
            ALERTS: "les courriels des recherches enregistrées",
            HABITS: "l’historique des offres vues et les offres gardées",
        }
    return {}


@objection
def object_to(
    person: Person, processing: str, *, by: Any, reference: str
) -> retention.Counts:
    if processing == ALERTS:
        mine = SavedSearch.objects.filter(account__in=person.accounts)
        return {"courriels arrêtés": mine.update(alert=AlertPace.NONE)}
    if processing == HABITS:
        kept = Favourite.objects.filter(
            adviser__in=person.accounts, candidate__isnull=True
        )
        seen = SeenOffer.objects.filter(account__in=person.accounts)
        return retention.deleted(kept) | retention.deleted(seen)
    counts = limit(person, processing, by=by, reference=reference)
    for candidate in candidates_of(person):
        if processing == Processing.EMAILS:
            withdraw_consent(candidate, by=by)
            close_links(candidate)
        elif processing == Processing.SEARCHES:
            gone = retention.delete(candidate.saved_searches.all())
            counts["recherches supprimées"] = (
                counts.get("recherches supprimées", 0) + gone
            )
    return counts


def notify_recipients(candidate: Candidate, *, by: Any) -> None:
    """Notify who had her data, by numbers of acts (GDPR 19)."""
    rows: Any = candidate.acts
    acts = dict(rows.values_list("number", "kind"))
    if acts and outbox.webhooks_are_wanted():
        at, number = timezone.now().isoformat(), str(candidate.pk)
        candidate_erased.post(key=number, candidate=number, at=at, acts=acts)
    readers = staff_who_read(acts_where(Q(candidate=candidate)))
    for reader in sorted((readers | {candidate.follower.pk}) - {by.pk}):
        key = f"{candidate.pk}:{reader}"
        emails.candidate_gone.post(key=key, acts=acts, to=reader)


def candidates_of(person: Person) -> Any:
    return Candidate.objects.filter(pk__in=person.candidates).order_by(
        "created_at", "pk"
    )


class FtIdField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean_ft_id(super().to_python(value) or "")


def field_of(name: str) -> Any:
    """Return a field that browsers do not fill with their own user's data."""
    field: Any = Candidate._meta.get_field(name)
    options: dict[str, Any] = {"help_text": "", "validators": field.validators}
    if name == "ft_id":
        options |= {"form_class": FtIdField, "max_length": 30}
    made = field.formfield(**options)
    made.widget.attrs["autocomplete"] = "off"
    return made


def limit(
    person: Person, processing: str, *, by: Any, reference: str
) -> retention.Counts:
    """Place the limit on each record; raise MoveRefused if it is there."""
    people = list(candidates_of(person).select_for_update())
    known = ProcessingLimit.objects.filter(
        candidate__in=people, processing=processing, lifted_at__isnull=True
    )
    if known.exists():
        raise MoveRefused("Cette limite est déjà en place pour cette personne.")
    for candidate in people:
        row = candidate.limits.create(
            processing=processing, reference=reference, placed_by=by
        )
        emails.notify_limit(candidate, row)
    return {"fiches concernées": len(people)}


# The length of the digest: a shorter key would be easier to guess.
KEY_BYTES = 32


def pseudonym(person: UUID, key: bytes) -> str:
    """Return a pseudonym: stable for one key, not reversible."""
    return hmac.new(key, person.bytes, "sha256").hexdigest()[:KEY_BYTES]


def extract(key: bytes) -> list[tuple[str, ...]]:
    """Yield every act, by pseudonym: the order reveals nothing.

    Without those who objected, or whose data are frozen (GDPR 18, 21).
    """
    limits = ProcessingLimit.objects.in_force(Processing.STATISTICS)
    free = Candidate.objects.exclude(pk__in=limits.values("candidate"))
    acts = acts_of_persons(free.values("pk"))
    return sorted((pseudonym(person, key), *cell) for cell, person in acts)
