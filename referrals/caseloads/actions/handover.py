"""Give a caseload to colleagues, before an account closes (4.2).

Persons with an act under way, and the others, may go to two receivers. The RGC sees
counts only (design 2.2).

A hand-over to oneself, or of many persons, waits 24 hours for a second person: a
stolen session must not be enough to read a whole caseload (S39).
"""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.team.actions import close_account
from accounts.users.models.users import User
from opus.lib.audit import journal
from referrals.candidates.models.candidates import Candidate
from referrals.caseloads import emails
from referrals.caseloads.models import CaseloadTransfer, TransferState
from referrals.caseloads.transfers import (
    HandoverRefused,
    check_receiver,
    lock_caseload,
    move,
)

ALREADY_WAITING = (
    "Les candidats suivis par ce compte attendent déjà d’être confiés\xa0: annulez "
    "d’abord cette demande, ou attendez qu’elle s’applique."
)


@dataclasses.dataclass
class Caseload:
    """Counts of acts under way, their persons, and the others."""

    acts: int = 0
    with_acts: int = 0
    others: int = 0

    @property
    def people(self) -> int:
        return self.with_acts + self.others

    @property
    def words(self) -> str:
        """« 12 candidats, 17 propositions en cours »."""
        people = f"{self.people} candidat{'s' if self.people > 1 else ''}"
        acts = f"{self.acts} proposition{'s' if self.acts > 1 else ''} en cours"
        return f"{people}, {acts if self.acts else 'aucune proposition en cours'}"


def caseloads_of(accounts: Iterable[User]) -> dict[int, Caseload]:
    """Return the non-empty caseloads, in one query."""
    people = Candidate.objects.filter(adviser__in=[account.pk for account in accounts])
    found: defaultdict[int, Caseload] = defaultdict(Caseload)
    for person in people.with_live_acts().only("adviser"):
        caseload = found[person.adviser_id]
        caseload.acts += person.live_acts
        if person.live_acts:
            caseload.with_acts += 1
        else:
            caseload.others += 1
    return dict(found)


def caseload_of(account: User) -> Caseload:
    return caseloads_of([account]).get(account.pk, Caseload())


def waiting_for(account: User) -> CaseloadTransfer | None:
    rows = CaseloadTransfer.objects.waiting().filter(account=account.pk)
    return rows.with_people().first()


@transaction.atomic
def hand_over(
    account: User,
    *,
    by: User,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> CaseloadTransfer | None:
    """Give all persons of an account to colleagues.

    They wait if ``by`` receives them or if they are many; the former adviser and France
    Travail are notified and may confirm or stop (S39). The acts keep their maker.

    ``acts_to`` receives the persons with an act under way, ``others_to`` the others.
    Returns the transfer, done or waiting; None if there are no persons.
    Raises HandoverRefused: a receiver is missing or unfit, or a transfer waits already.
    """
    locked = lock_caseload(account)
    if not locked.people:
        return None
    if waiting_for(account):
        raise HandoverRefused(ALREADY_WAITING)
    acts_to = acts_to if locked.busy else None
    others_to = others_to if locked.idle else None
    if locked.busy:
        check_receiver(account, acts_to)
    if locked.idle:
        check_receiver(account, others_to)
    now = timezone.now()
    recent = CaseloadTransfer.objects.recent(account, by=by)
    moved = recent.aggregate(people=Sum("people"))["people"] or 0
    to_self = by in (acts_to, others_to)
    must_wait = to_self or moved + locked.people > settings.HANDOVER.at_once
    transfer = CaseloadTransfer.objects.create(
        account=account,
        asked_by=by,
        acts_to=acts_to,
        others_to=others_to,
        people=locked.people,
        acts=len(locked.acts),
        asked_at=now,
        ready_at=now + settings.HANDOVER.waits if must_wait else now,
    )
    transfer.steps.create(origin="", target=transfer.state, by=by)
    if not must_wait:
        move(transfer, locked, by=by)
        return transfer
    details = {"transfer": str(transfer.pk), "people": transfer.people}
    details["to_self"] = to_self
    action = journal.Action.CASELOAD_TRANSFER_ASKED
    journal.record(action, by=by, target=account, details=details)
    emails.notify_asked(transfer)
    return transfer


@transaction.atomic
def confirm(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Confirm as the second person: the persons move now.

    ``by`` is None for the former adviser's link. Raises HandoverRefused, MoveRefused.
    """
    if by is not None and by.pk == transfer.asked_by_id:
        raise HandoverRefused(
            "Une autre personne que celle qui a demandé ce transfert doit le confirmer."
        )
    if by is None and not transfer.may_be_confirmed_by_link:
        raise HandoverRefused(
            "L’adresse de ce compte a changé récemment\xa0: seul France Travail peut "
            "confirmer. Vous pouvez toujours vous y opposer."
        )
    locked = lock_caseload(transfer.account)
    with journal.gathering() as parts:
        move(transfer, locked, by=by, confirmed_by=by or transfer.account)
    record(journal.Action.CASELOAD_TRANSFER_CONFIRMED, transfer, by=by, parts=parts)


@transaction.atomic
def stop(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Stop it; without ``by``: the former adviser's link. Raises MoveRefused."""
    transfer.move_to(TransferState.STOPPED, by=by)
    record(journal.Action.CASELOAD_TRANSFER_STOPPED, transfer, by=by)
    if by is None or by.pk != transfer.asked_by_id:
        emails.transfer_stopped.post(key=str(transfer.pk), transfer=str(transfer.pk))


def record(
    action: journal.Action,
    transfer: CaseloadTransfer,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    details = {"transfer": str(transfer.pk), "by_link": by is None}
    journal.record(action, by=by, target=transfer.account, details=details, parts=parts)


@transaction.atomic
def close(
    account: User, *, by: User, reason: str, **receivers: User | None
) -> CaseloadTransfer | None:
    """Hand over, then close the account: both or neither (5.6).

    It closes at once; its persons may wait. Raises HandoverRefused, MoveRefused.
    """
    lock_caseload(account)
    with journal.gathering() as parts:
        transfer = waiting_for(account) or hand_over(account, by=by, **receivers)
    # Only favourites without a person remain: the others moved with their persons.
    account.favourites.all().delete()
    close_account(account, by=by, reason=reason, parts=parts)
    return transfer
