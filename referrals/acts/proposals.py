"""What was already proposed to a person (9.2)."""

import dataclasses
import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.dates import date_format
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import KINDS, Act, ActQuerySet
from referrals.acts.models.outcomes import OutcomeKind
from referrals.candidates.models.candidates import Candidate


class Author(enum.Enum):
    """Who proposed: no name, no other structure's identity."""

    SELF = ""
    COLLEAGUE = "par un collègue "
    ELSEWHERE = "par une autre structure "


@dataclasses.dataclass(frozen=True)
class Proposal:
    """One act; ``pk`` is None in another structure."""

    kind: ActKind
    by: Author
    on: dt.date
    is_live: bool
    pk: UUID | None

    def words(self, first_name: str) -> str:
        """Return « Déjà proposée à Karim le 24 novembre »."""
        whom = f"à {first_name} " if self.by is Author.SELF else self.by.value
        what = f" ({self.nature})" if self.pk is None else ""
        return f"Déjà proposée {whom}le {date_format(self.on, 'j F')}{what}"

    @property
    def nature(self) -> str:
        return str(KINDS[self.kind]._meta.verbose_name)

    @property
    def url(self) -> str:
        """Return the page of the act, or ""."""
        return reverse(self.kind.name.lower(), args=[self.pk]) if self.pk else ""


@dataclasses.dataclass(frozen=True)
class PersonAct:
    """One act with a person, of any structure."""

    act: Act
    title: str
    by: Author

    @property
    def on(self) -> dt.date:
        return timezone.localdate(self.act.created_at)


def acts_with(candidate: Candidate, *, by: User) -> list[PersonAct]:
    """Return all acts with the person, the latest first, in one query.

    Another structure's acts are found by the France Travail identifier.
    """
    same = Q(candidate=candidate.pk)
    if candidate.ft_id:
        same |= Q(candidate__ft_id=candidate.ft_id)
    acts = Act.objects.filter(same).exclude(state=Act.CANCELLED)
    found = []
    for act in acts.whole():
        # Nothing of a withdrawn offer is shown (3.1).
        title = (
            act.offer.title if act.offer.is_active else f"Offre n°\xa0{act.offer_id}"
        )
        author = Author.SELF if act.adviser_id == by.pk else Author.COLLEAGUE
        if act.structure_id != candidate.structure_id:
            author = Author.ELSEWHERE
        found.append(PersonAct(act, title, author))
    return found


def hires_of(people: Collection[Candidate]) -> ActQuerySet[Act]:
    """Return the acts by which the structure saw these persons hired."""
    hired = Act.objects.filter(outcome__code__kind=OutcomeKind.HIRED)
    return hired.filter(candidate__in=people).whole()


def last_hires(acts: Iterable[Act]) -> dict[UUID, Act]:
    """Return by person the act by which she was hired last."""
    hires = [
        (act.outcome.on, act) for act in acts if act.outcome and act.outcome.is_hire
    ]
    return {act.candidate_id: act for _, act in sorted(hires, key=itemgetter(0))}


def proposals_in(acts: Iterable[PersonAct]) -> Mapping[str, Sequence[Proposal]]:
    """Return by offer what was proposed, the latest first."""
    found: dict[str, list[Proposal]] = defaultdict(list)
    for one in acts:
        is_ours = one.by is not Author.ELSEWHERE
        found[one.act.offer_id].append(
            Proposal(
                one.act.KIND,
                one.by,
                one.on,
                is_live=is_ours and one.act.is_live,
                pk=one.act.pk if is_ours else None,
            )
        )
    return found
