"""Actions on accounts; seats counted under lock (4.2, R9)."""

import datetime as dt
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.signin import rate_limits
from accounts.signin.emails import notify
from accounts.signin.models import OPEN_STATES, SecurityEventKind
from accounts.team import quarterly_reviews
from accounts.team.models import TeamReview, TeamReviewAnswer
from accounts.users import absences, actions
from accounts.users.account_texts import why_only_france_travail
from accounts.users.actions import post_link, why_not_open
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import (
    AddressChange,
    FirstAccess,
    Leave,
    User,
    new_address_until,
)
from accounts.users.refusals import QuotaReached, refuse_held, refusing_in_french
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import moment
from opus.lib.privacy.models import CorrectionReason


@transaction.atomic
def open_account(*, by: User, **fields: str) -> tuple[User, str]:
    """Return a new adviser's account and its secret, stored nowhere."""
    refuse_held(by)
    lock_seat(by)
    account = User(role=Role.ADVISER, structure=by.structure, **fields)
    actions.save_new(account, by=by)
    _, secret = FirstAccess.draw(account, by=by)
    return account, secret


@transaction.atomic
def suspend_account(account: User, *, by: User | None, reason: str) -> None:
    """Suspend an account; its seat is free (art. 4.2)."""
    account.suspend(by=by, reason=reason)
    account.first_accesses.revoke()
    journal.record(
        Action.ACCOUNT_SUSPENDED, by=by, target=account, details={"reason": reason}
    )


@transaction.atomic
def reactivate_account(account: User, *, by: User) -> None:
    """Reactivate a suspended account and restart its absence clock.

    A current announced absence ends. Raises QuotaReached, or MoveRefused if it is not
    suspended or only France Travail may do it (``why_only_france_travail``).
    """
    refuse_held(by)
    if account.state == UserState.SUSPENDED and account.role == Role.ADVISER:
        lock_seat(account)
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if by.is_partner and (sentence := why_only_france_travail(account)):
        raise MoveRefused(sentence)
    with journal.gathering() as parts:
        for leave in account.leaves.covering(timezone.localdate()):
            cancel_leave(leave, by=by)
    with refusing_in_french():
        account.reactivate(by=by)
    account.security_events.all().settle()
    journal.record(Action.ACCOUNT_REACTIVATED, by=by, target=account, parts=parts)


@transaction.atomic
def close_account(
    account: User, *, by: User, reason: str, parts: Collection[dict[str, Any]] = ()
) -> None:
    """Close an account; its identifier is never reused (art. 5.1).

    Raises MoveRefused if it still accompanies somebody: the hand-over of ``referrals``
    does both. ``parts``: the new advisers, for the journal.
    """
    with refusing_in_french():
        account.close(by=by, reason=reason)
    account.first_accesses.revoke()
    journal.record(
        Action.ACCOUNT_CLOSED,
        by=by,
        target=account,
        details={"reason": reason},
        parts=parts,
    )


@transaction.atomic
def renew_first_access(
    account: User, *, by: User, check_done: str, by_link: bool = False
) -> str:
    """Return a new single-use secret, which replaces an earlier one.

    ``by_link``: an e-mail has it, and "" is returned. The password works until the
    secret is used, and the second factor is still required (S8): so this may
    immediately follow a change of address, unless the account has no factor (ADR 8).
    Raises MoveRefused in that case, for an adviser's link, or if suspended or closed.
    """
    refuse_held(by)
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if by_link and (sentence := why_not_open(account, by)):
        raise MoveRefused(sentence)
    if not account.is_active:
        aim = "d’envoyer un lien" if by_link else "de préparer un nouveau premier accès"
        raise MoveRefused(
            f"Ce compte est suspendu ou fermé : réactivez-le avant {aim}."
        )
    until = new_address_until(account)
    if by.is_partner and until and account.last_login and not account.factors:
        raise MoveRefused(
            "L’adresse de courriel de ce compte vient de changer, et ses seconds "
            "facteurs ont été remis à zéro. Par précaution, préparez un nouveau "
            f"premier accès à partir du {moment(until)}."
        )
    secret = ""
    if by_link:
        post_link(account, by=by, check_done=check_done)
    else:
        _, secret = FirstAccess.draw(account, by=by, check_done=check_done)
    if account.state == UserState.CREATED:
        # The account will soon be used: the new secret restarts its absence clock.
        account.clock_restarted_at = timezone.now()
        account.save(update_fields=["clock_restarted_at"])
    rate_limits.unlock(account.identifier)
    notify(account, SecurityEventKind.FIRST_ACCESS, by=by)
    journal.record(
        Action.FIRST_ACCESS_RENEWED,
        by=by,
        target=account,
        details={"check_done": check_done},
    )
    return secret


send_link = partial(renew_first_access, by_link=True)


@transaction.atomic
def change_account(
    account: User,
    *,
    by: User,
    reason: str = CorrectionReason.MISTAKE,
    new_device: bool = False,
    **fields: str,
) -> list[str]:
    """Correct an account, never its identifier; return the changed fields.

    The history is kept, and the holder and the recipients are notified (V14). A new
    address is notified to every recent one (S11) and stops a pending reset of factors
    that needs one person only (ADR 8). ``new_device``: ``by`` uses a device first seen
    today (S39).

    Raises EmailTaken; MoveRefused if only staff (closed, art. 10) or France Travail
    may.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if account.state == UserState.CLOSED and by.is_partner:
        raise MoveRefused("Ce compte est fermé : il ne se modifie plus.")
    before = {name: getattr(account, name) for name in fields}
    before = {name: old for name, old in before.items() if old != fields[name]}
    for name in before:
        setattr(account, name, fields[name])
    changed = list(before)
    if not changed:
        return []
    if "email" in changed:
        refuse_held(by)
        if by.is_partner and (sentence := why_only_france_travail(account)):
            raise MoveRefused(sentence)
    with refusing_in_french():
        account.save(update_fields=changed)
    with journal.gathering() as parts:
        if "email" in changed:
            record_address_change(account, former=before["email"], by=by)
    actions.keep_history(account, before, by=by, reason=reason)
    journal.record(
        Action.ACCOUNT_CHANGED,
        by=by,
        target=account,
        details={"fields": changed, "new_device": new_device},
        parts=parts,
    )
    return changed


@transaction.atomic
def change_account_by_staff(account: User, *, by: User, **changes: Any) -> None:
    """Correct an account (V14); replace a link sent elsewhere."""
    changed = change_account(account, by=by, **changes)
    if "email" in changed and account.first_accesses.links().usable().exists():
        account.refresh_from_db(fields=["email"])
        post_link(account, by=by)


def record_address_change(account: User, *, former: str, by: User) -> None:
    """Notify every recent address; stop a pending one-person reset."""
    change = AddressChange.objects.create(account=account, former=former, by=by)
    notify(account, SecurityEventKind.ADDRESS, by=by, change=change)
    for reset in account.factor_resets.filter(state__in=OPEN_STATES, four_eyes=False):
        reset.stop(by=by)
        journal.record(
            Action.FACTOR_RESET_STOPPED,
            by=by,
            target=account,
            details={"reset": reset.pk},
        )


@transaction.atomic
def record_leave(
    account: User, *, by: User, starts_on: dt.date, ends_on: dt.date
) -> Leave:
    """Record an absence, without its reason (art. 4.2).

    More than three months suspend the account from the first day. Raises LeaveRefused
    if it overlaps another, MoveRefused if the account is suspended or closed.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not account.is_active:
        raise MoveRefused("Ce compte est déjà suspendu ou fermé.")
    leave = Leave(account=account, starts_on=starts_on, ends_on=ends_on, created_by=by)
    with refusing_in_french():
        leave.save()
    with journal.gathering() as parts:
        if leave.is_long and leave.covers(timezone.localdate()):
            suspend_account(account, by=by, reason=SuspensionReason.ABSENCE)
    journal.record(
        Action.LEAVE_RECORDED,
        by=by,
        target=account,
        details={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
        parts=parts,
    )
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: User) -> None:
    standing = Leave.objects.standing().filter(pk=leave.pk)
    if standing.update(cancelled_at=timezone.now(), cancelled_by=by):
        journal.record(Action.LEAVE_CANCELLED, by=by, target=leave.account)


@transaction.atomic
def answer_review(
    convention: Convention, *, by: User, here: Collection[int], gone: Collection[int]
) -> None:
    """Record the quarterly answer (S26); MoveRefused if not due."""
    Convention.objects.select_for_update(no_key=True).get(pk=convention.pk)
    question = quarterly_reviews.question(convention)
    if question is None or not question.is_asked:
        raise MoveRefused(
            "Cette confirmation est déjà enregistrée : il n’y a rien à répondre "
            "aujourd’hui."
        )
    people = {person.pk: person for person in question.people}
    if people.keys() != {*here, *gone} or set(here) & set(gone):
        raise MoveRefused(
            "La liste des comptes a changé entre-temps : rechargez la page et "
            "répondez pour chaque personne."
        )
    review, _ = TeamReview.objects.get_or_create(
        convention=convention, due_on=question.due_on
    )
    review.answered_at, review.answered_by = timezone.now(), by
    review.save(update_fields=["answered_at", "answered_by"])
    TeamReviewAnswer.objects.bulk_create(
        TeamReviewAnswer(review=review, account=person, is_here=pk in here)
        for pk, person in sorted(people.items())
    )
    with journal.gathering() as parts:
        for pk in sorted(gone):
            suspend_account(people[pk], by=by, reason=SuspensionReason.GONE)
    journal.record(
        Action.TEAM_REVIEWED,
        by=by,
        target=review,
        details={"here": len(here), "gone": len(gone)},
        parts=parts,
    )


def lock_seat(member: User) -> None:
    """Lock the member's convention until commit; require a free seat.

    Accounts due for suspension free theirs first. Raises QuotaReached, or MoveRefused
    without a convention in force.
    """
    convention = (
        Convention.objects.in_force()
        .select_for_update(no_key=True)
        .filter(structure=member.structure_id)
        .first()
    )
    if convention is None:
        raise MoveRefused("Aucune convention de votre structure n’est en vigueur.")
    absences.suspend_due(convention.structure_id)
    if seats_used(convention) >= convention.quota:
        raise QuotaReached(convention.quota)


def seats_used(convention: Convention) -> int:
    return User.objects.counted().filter(structure=convention.structure_id).count()
