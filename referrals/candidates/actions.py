"""Add, change and look up persons (S24)."""

import dataclasses
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.users.models import User
from offers.reference.models import Commune
from opus.lib.audit import journal
from opus.lib.forms.fields import validate_ft_id
from opus.lib.french import plain
from referrals.candidates import access_log
from referrals.candidates.models import Candidate

# Of one's own, for a few letters.
MOST_FOUND = 20


class AlreadyAccompanied(Exception):
    """The adviser has that person already; ``can_insist``: by name only."""

    def __init__(self, candidates: list[Candidate], *, can_insist: bool) -> None:
        super().__init__("Vous accompagnez déjà ce candidat.")
        self.candidates = candidates
        self.can_insist = can_insist


class WithColleague(Exception):
    """The message names the colleague, nothing of the person."""

    def __init__(self, colleague: User) -> None:
        super().__init__(
            f"{colleague}, de votre structure, accompagne déjà le candidat qui porte "
            "cet identifiant France Travail. Sa fiche ne vous est pas ouverte : voyez "
            "avec votre collègue, ou avec votre RGC, qui doit la suivre."
        )


def clean_ft_id(typed: str) -> str:
    """Return the identifier without spaces, in capitals."""
    return "".join(typed.split()).replace(".", "").replace("-", "").upper()


def lock_colleagues(by: User) -> None:
    """Lock the structure: a form sent twice adds one person."""
    colleagues = User.objects.filter(structure=by.structure_id).order_by("pk")
    list(colleagues.select_for_update(no_key=True).only("pk"))


@transaction.atomic
def add_candidate(*, by: User, insist: bool = False, **fields: Any) -> Candidate:
    """Add a person; ``insist`` accepts another of the same name.

    Raises AlreadyAccompanied, WithColleague: a person has the name or identifier.
    """
    lock_colleagues(by)
    refuse_known_ft_id(fields.get("ft_id", ""), by=by)
    name = f"{fields['first_name']} {fields['last_name']}"
    homonyms = Candidate.objects.visible_to(by).fully_named(name)
    if not insist and homonyms:
        raise AlreadyAccompanied(list(homonyms), can_insist=True)
    # An adviser has a structure: the constraint ``role_fits_its_employer`` says so.
    candidate = Candidate.objects.create(  # type: ignore[misc]
        structure_id=by.structure_id, adviser=by, **with_commune(fields)
    )
    journal.record(
        journal.Action.CANDIDATE_ADDED, by=by, target=candidate, persons=[candidate.pk]
    )
    return candidate


@dataclasses.dataclass(frozen=True)
class Found:
    """The result of a look-up: own candidates, or the colleague."""

    candidates: list[Candidate]
    with_colleague: str = ""


def look_up(typed: str, *, by: User) -> Found:
    """Find own candidates by parts of names, any person by exact identifier (S24).

    Raises CeilingReached, LookUpsStopped: too many this hour.
    """
    mine = Candidate.objects.visible_to(by).select_related("adviser").with_job_sought()
    ft_id = clean_ft_id(typed)
    by_ft_id = is_ft_id(ft_id)
    named = mine.matching(typed).latest_used_first()
    found = list(
        mine.with_job_sought().filter(ft_id=ft_id) if by_ft_id else named[:MOST_FOUND]
    )
    colleague = _colleague_with(ft_id, by=by) if by_ft_id and not found else None
    log_look_up(found, by=by, with_colleague=colleague is not None)
    return Found(found, str(WithColleague(colleague)) if colleague else "")


def log_look_up(found: list[Candidate], *, by: User, with_colleague: bool) -> None:
    """Count and log a look-up without its text."""
    access_log.show(
        by,
        journal.Action.PERSON_LOOKED_UP,
        found,
        found=len(found),
        with_colleague=with_colleague,
    )


def is_ft_id(text: str) -> bool:
    try:
        validate_ft_id(text)
    except ValidationError:
        return False
    return True


def _colleague_with(ft_id: str, *, by: User) -> User | None:
    theirs = Candidate.objects.filter(structure=by.structure_id, ft_id=ft_id)
    mine = Candidate.objects.visible_to(by).values("pk")
    candidate = theirs.exclude(pk__in=mine).select_related("adviser").first()
    return candidate.adviser if candidate else None


def refuse_known_ft_id(ft_id: str, *, by: User, but: Candidate | None = None) -> None:
    if not ft_id:
        return
    mine = Candidate.objects.visible_to(by).filter(ft_id=ft_id)
    if but:
        mine = mine.exclude(pk=but.pk)
    if mine:
        raise AlreadyAccompanied(list(mine), can_insist=False)
    if colleague := _colleague_with(ft_id, by=by):
        raise WithColleague(colleague)


def with_commune(fields: dict[str, Any]) -> dict[str, Any]:
    """Add the INSEE code if postcode and city match."""
    postcode, city = fields.get("postcode", ""), plain(fields.get("city", ""))
    communes = Commune.objects.filter(postcodes__contains=[postcode], plain_name=city)
    found = communes.first() if postcode and city else None
    return fields | {"commune_code": found.code if found else ""}
