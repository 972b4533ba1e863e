"""Whom somebody accompanied goes to a colleague, before his account is closed (4.2).

A candidate and his acts have one follower: the adviser of the candidate. So both sets
that the RGC is asked about are candidates: those with an act under way, and the others.
He sees counts, never who they are (design 2.2).
"""

import dataclasses
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actions import close_account
from accounts.models import Role, User, UserState
from opus.lib import audit
from opus.lib.states import MoveRefused
from referrals import emails
from referrals.kinds import acts_of
from referrals.models import Act, Candidate
from referrals.rights import ActKind


@dataclasses.dataclass(frozen=True)
class Caseload:
    """How much an adviser follows: acts under way, for whom, and the other persons."""

    acts: int = 0
    with_acts: int = 0
    others: int = 0

    @property
    def people(self) -> int:
        return self.with_acts + self.others

    @property
    def words(self) -> str:
        """« 12 personnes, 17 actes en cours »: counts, never who they are."""
        people = f"{self.people} personne{'s' if self.people > 1 else ''}"
        acts = f"{self.acts} acte{'s' if self.acts > 1 else ''} en cours"
        return f"{people}, {acts if self.acts else 'aucun acte en cours'}"


class HandoverRefused(MoveRefused):
    """Nobody was named for a set, or somebody who cannot take it any more."""


def caseloads_of(accounts: Iterable[User]) -> dict[int, Caseload]:
    """How much each follows, in one query; who follows nobody is left out."""
    people = Candidate.objects.filter(adviser__in=[account.pk for account in accounts])
    found: dict[int, Caseload] = {}
    for person in people.with_live_acts().only("adviser"):
        caseload = found.get(person.adviser_id, Caseload())
        if person.live_acts:
            change = {
                "acts": caseload.acts + person.live_acts,
                "with_acts": caseload.with_acts + 1,
            }
        else:
            change = {"others": caseload.others + 1}
        found[person.adviser_id] = dataclasses.replace(caseload, **change)
    return found


def caseload_of(account: User) -> Caseload:
    return caseloads_of([account]).get(account.pk, Caseload())


def receivers_for(account: User) -> QuerySet[User]:
    """Who may take over: the structure's active advisers, and its RGC in office."""
    in_office = User.objects.rgc_of(account.structure_id).values("pk")
    return User.objects.filter(
        Q(role=Role.ADVISER, state=UserState.ACTIVE) | Q(pk__in=in_office),
        structure=account.structure_id,
    ).exclude(pk=account.pk)


@transaction.atomic
def hand_over(
    account: User,
    *,
    by: User,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> None:
    """Give all those whom somebody accompanies to colleagues.

    The acts keep who made them; their follower changes, which their timeline tells.

    Args:
        acts_to: who takes the persons with an act under way, and these acts.
        others_to: who takes the other persons.

    Raises:
        HandoverRefused: a set that is not empty goes to nobody who can take it.
    """
    # As when a candidate is added: one at a time in a structure, in the same order.
    colleagues = User.objects.filter(structure=account.structure_id).order_by("pk")
    list(colleagues.select_for_update(no_key=True).only("pk"))
    candidates = Candidate.objects.filter(adviser=account).order_by("pk")
    held = list(candidates.select_for_update(no_key=True).values_list("pk", flat=True))
    acts = [
        act
        for kind in ActKind
        for act in acts_of(kind)
        .live()
        .filter(candidate__in=held)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    ]
    busy = {act.candidate_id for act in acts}
    idle = [pk for pk in held if pk not in busy]
    given: list[dict[str, int]] = []
    if busy:
        given.append(give(account, sorted(busy), acts, to=acts_to, by=by))
    if idle:
        given.append(give(account, idle, [], to=others_to, by=by))
    if given:
        audit.record(
            audit.Action.CASELOAD_HANDED_OVER,
            by=by,
            target=account,
            details={"given": given},
        )


def give(
    account: User,
    candidates: list[uuid.UUID],
    acts: list[Act],
    *,
    to: User | None,
    by: User,
) -> dict[str, int]:
    """Move one set, tell its acts' timelines and the receiver.

    Returns:
        What the journal tells of it: to whom, and how much.

    Raises:
        HandoverRefused: nobody was named, or somebody who cannot take it any more.
    """
    if to is None or not receivers_for(account).filter(pk=to.pk).exists():
        raise HandoverRefused(
            "Choisissez à qui confier les personnes suivies : un conseiller au compte "
            "actif, ou le RGC. La situation a peut-être changé : rechargez la page."
        )
    Candidate.objects.filter(pk__in=candidates).update(adviser=to)
    for act in acts:
        act.steps.create(
            origin=act.state, target=act.state, by=by, note={"followed_by": to.pk}
        )
    counts = {"people": len(candidates), "acts": len(acts)}
    if to.pk != by.pk:
        emails.caseload_received.post(
            key=str(uuid.uuid4()), account=account.pk, to=to.pk, **counts
        )
    return {"to": to.pk, **counts}


@transaction.atomic
def close(
    account: User,
    *,
    by: User,
    reason: str,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> None:
    """Hand over, then shut the account for good: both or neither (domain 5.6).

    Raises:
        HandoverRefused: somebody would be left without an adviser.
        MoveRefused: it is closed already.
    """
    with audit.gathering() as parts:
        hand_over(account, by=by, acts_to=acts_to, others_to=others_to)
    # What he kept for nobody was his own; what he kept for persons went with them.
    account.favourites.all().delete()
    close_account(account, by=by, reason=reason, parts=parts)
