"""Give a caseload to colleagues, before an account closes (4.2).

Persons with an act under way, and the others, may go to two receivers. The RGC sees
counts only (design 2.2).

``decide`` says what is done at once and what waits for a second person: a stolen
session must not be enough to read a whole caseload (S39, ADR 28).
"""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.signin.sessions import close_all
from accounts.team.actions import close_account, suspend_account
from accounts.users.enums import SuspensionReason
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from referrals.candidates.models.candidates import Candidate
from referrals.caseloads import emails
from referrals.caseloads.decisions import decide, left_of, pressing, renewed_at
from referrals.caseloads.models import CaseloadTransfer, TransferState
from referrals.caseloads.transfers import (
    HandoverRefused,
    apply,
    carry_out,
    check_receiver,
    give_back,
    lock_caseload,
    refuse_renewed,
    waiting_for,
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


@transaction.atomic
def hand_over(
    account: User,
    *,
    by: User,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> CaseloadTransfer | None:
    """Give all persons of an account to colleagues.

    They go at once or wait, as ``decide`` says; if only their number waits, those whose
    next step presses go first. The acts keep their maker.

    ``acts_to`` receives the persons with an act under way, ``others_to`` the others.
    Returns the transfer, done or waiting; None if there are no persons.
    Raises HandoverRefused: a receiver is missing or unfit, or a transfer waits already.
    """
    locked = lock_caseload(account)
    if not locked.people:
        return None
    acts_to = acts_to if locked.busy else None
    others_to = others_to if locked.idle else None
    transfer = CaseloadTransfer(
        account=account, asked_by=by, acts_to=acts_to, others_to=others_to
    )
    for to, persons in ((acts_to, locked.busy), (others_to, locked.idle)):
        if persons:
            check_receiver(transfer, to)
    decide(transfer, people=locked.people)
    with journal.gathering() as parts:
        left = 0 if transfer.at_once else left_of(transfer)
        if first := pressing(locked.acts, left):
            now, locked = locked.split(first)
            some = CaseloadTransfer(account=account, asked_by=by, acts_to=acts_to)
            decide(some, people=now.people)
            carry_out(some, now)
            transfer.people = locked.people
            transfer.acts_to = acts_to if locked.busy else None
    return carry_out(transfer, locked, parts=parts)


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
    if by is None:
        refuse_renewed(transfer)
    with journal.gathering() as parts:
        apply(transfer, locked, by=by, confirmed_by=by or transfer.account)
    if by is None:
        mark_seen(transfer)
    record(journal.Action.CASELOAD_TRANSFER_CONFIRMED, transfer, by=by, parts=parts)


@transaction.atomic
def stop(
    transfer: CaseloadTransfer,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    """Stop it, or give back whoever went; without ``by``: the former adviser's link.

    Raises MoveRefused.
    """
    if transfer.state == TransferState.DONE:
        if not transfer.can_be_stopped:
            raise MoveRefused(
                "Ces candidats ont été confiés il y a plus de sept jours\xa0: ils ne "
                "reviennent plus par ce lien. Adressez-vous à votre RGC ou à votre "
                "correspondant France Travail."
            )
        give_back(transfer, by=by)
    else:
        transfer.move_to(TransferState.STOPPED, by=by)
    if by is None:
        mark_seen(transfer)
    record(journal.Action.CASELOAD_TRANSFER_STOPPED, transfer, by=by, parts=parts)
    readers = {transfer.asked_by_id} - {by and by.pk}
    if transfer.state == TransferState.GIVEN_BACK:
        readers |= {one.pk for one in transfer.receivers}
    for to in readers:
        emails.transfer_stopped.post(
            key=f"{transfer.pk}:{to}", transfer=str(transfer.pk), to=to
        )


@transaction.atomic
def disown(transfer: CaseloadTransfer) -> None:
    """The giver does not know this request: stop it, and whoever made it.

    The author's sessions end and his gestures are held until France Travail has looked;
    a new receiver is suspended. Raises MoveRefused if it can no longer be stopped.
    """
    author = transfer.asked_by
    transfer.disowned_at = timezone.now()
    transfer.save(update_fields=["disowned_at"])
    with journal.gathering() as parts:
        close_all(author, by=None)
        since = timezone.now() - settings.HANDOVER.new_account
        for one in transfer.receivers:
            if one.is_active and renewed_at(one) > since:
                suspend_account(one, by=None, reason=SuspensionReason.CHECK)
    stop(transfer, by=None, parts=parts)


@transaction.atomic
def mark_checked(transfer: CaseloadTransfer, *, by: User) -> None:
    """France Travail has looked: the author's gestures are held no more."""
    rows = CaseloadTransfer.objects.to_look_at().filter(pk=transfer.pk)
    if not rows.update(checked_at=timezone.now(), checked_by=by):
        raise MoveRefused("Quelqu’un l’a déjà vérifié.")
    record(journal.Action.CASELOAD_TRANSFER_CHECKED, transfer, by=by)


def mark_seen(transfer: CaseloadTransfer) -> None:
    rows = CaseloadTransfer.objects.filter(pk=transfer.pk, seen_at__isnull=True)
    rows.update(seen_at=timezone.now())


def record(
    action: journal.Action,
    transfer: CaseloadTransfer,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    details = {
        "transfer": str(transfer.pk),
        "by_link": by is None,
        "asked_by": transfer.asked_by_id,
    }
    if transfer.disowned_at:
        details["disowned"] = True
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
        transfer = waiting_for(account)
        if transfer and transfer.is_for_a_time:
            stop(transfer, by=by)
            transfer = None
        transfer = transfer or hand_over(account, by=by, **receivers)
    # Only favourites without a person remain: the others moved with their persons.
    account.favourites.all().delete()
    close_account(account, by=by, reason=reason, parts=parts)
    return transfer
