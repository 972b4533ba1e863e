"""What the RGC does to accounts (art. 4.2): open, suspend, reactivate, close, renew;
announce absences, confirm who is still here.

Each is one transaction, with its line in the journal. A seat is taken under lock of
the convention's row; the trigger ``accounts_within_quota`` is the second line (R9).
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import absences, limits, rectify, reviews
from accounts.emails.security import notify
from accounts.models import (
    AddressChange,
    Convention,
    FirstAccess,
    Leave,
    Role,
    SecurityEventKind,
    SuspensionReason,
    TeamReview,
    TeamReviewAnswer,
    User,
    UserState,
)
from accounts.models.lost_factors import OPEN_STATES
from accounts.models.security import why_only_france_travail
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.corrections import CorrectionReason
from opus.lib.dates import moment
from opus.lib.states import MoveRefused


class QuotaReached(MoveRefused):
    """No seat is left (annexe 2): ``str(error)`` says so, with the way out."""

    def __init__(self, quota: int | None = None) -> None:
        way_out = "Suspendez ou fermez un compte pour libérer une place."
        match quota:
            case None:
                sentence = "Tous les comptes de la convention sont utilisés (annexe 2)"
            case 0:
                sentence = "La convention ne prévoit aucun compte (annexe 2)"
                way_out = "Elle peut être modifiée par écrit (art. 5.2)."
            case 1:
                sentence = "Le seul compte de la convention est utilisé (annexe 2)"
            case _:
                sentence = (
                    f"Les {quota} comptes de la convention sont utilisés (annexe 2)"
                )
        super().__init__(f"{sentence}. {way_out}")


class EmailTaken(MoveRefused):
    """Somebody else's account got this address in the meantime."""


class LeaveRefused(MoveRefused):
    """Another absence is announced for some of these days."""


@transaction.atomic
def open_account(
    *,
    by: User,
    first_name: str,
    last_name: str,
    email: str,
    function: str = "",
    phone: str = "",
) -> tuple[User, str]:
    """Open an adviser's account in the RGC's own structure.

    Returns:
        The account, and its single-use secret: nothing keeps it, show it once.

    Raises:
        QuotaReached: no seat is left.
        EmailTaken: another account uses this address.
    """
    hold_seat(by)
    account = User(
        identifier=User.objects.draw_identifier(),
        role=Role.ADVISER,
        structure_id=by.structure_id,
        first_name=first_name,
        last_name=last_name,
        email=email,
        function=function,
        phone=phone,
    )
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise in_french(error) from error
    account.steps.create(origin="", target=account.state, by=by)
    _, secret = FirstAccess.draw(account, by=by)
    audit.record(Action.ACCOUNT_OPENED, by=by, target=account)
    return account, secret


@transaction.atomic
def suspend_account(account: User, *, by: User, reason: str) -> None:
    """Shut an account at once; its seat is free (art. 4.2)."""
    account.suspend(by=by, reason=reason)
    revoke_first_access(account)
    audit.record(
        Action.ACCOUNT_SUSPENDED, by=by, target=account, details={"reason": reason}
    )


@transaction.atomic
def reactivate_account(account: User, *, by: User) -> None:
    """Open a suspended account again, if a seat is left; its absence counts anew.

    Whoever does it: the RGC for an adviser, France Travail for anybody. An announced
    absence that is under way has ended.

    Raises:
        QuotaReached: none is.
        MoveRefused: it is not suspended, or only France Travail reactivates it
            (``why_only_france_travail``).
    """
    if account.state == UserState.SUSPENDED and account.role == Role.ADVISER:
        hold_seat(account)
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if by.is_partner and (sentence := why_only_france_travail(account)):
        raise MoveRefused(sentence)
    with audit.gathering() as parts:
        for leave in account.leaves.covering(timezone.localdate()):
            cancel_leave(leave, by=by)
    try:
        with transaction.atomic():
            account.reactivate(by=by)
    except IntegrityError as error:
        raise in_french(error) from error
    account.security_events.all().settle()
    audit.record(Action.ACCOUNT_REACTIVATED, by=by, target=account, parts=parts)


@transaction.atomic
def close_account(
    account: User,
    *,
    by: User,
    reason: str,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    """Shut an account for good; its identifier is never given again (art. 5.1).

    Whom it accompanied is handed over before: ``referrals.actions.handover`` does both.

    Args:
        parts: what the journal's line tells besides: who was given to whom.

    Raises:
        MoveRefused: it is closed, or still accompanies somebody.
    """
    try:
        with transaction.atomic():
            account.close(by=by, reason=reason)
    except IntegrityError as error:
        raise in_french(error) from error
    revoke_first_access(account)
    audit.record(
        Action.ACCOUNT_CLOSED,
        by=by,
        target=account,
        details={"reason": reason},
        parts=parts,
    )


@transaction.atomic
def renew_first_access(account: User, *, by: User, check_done: str) -> str:
    """A new single-use secret, in place of an earlier one.

    The password in use keeps serving until the holder chooses another with the secret;
    the second factor is still asked (S8). So it may follow a change of address at once,
    unless the account has no factor any more (ADR 8).

    Args:
        check_done: a member of ``IdentityCheck``.

    Returns:
        The secret: nothing keeps it, show it once.

    Raises:
        MoveRefused: the account is suspended or closed, or has no factor and a new
            address.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not account.is_active:
        raise MoveRefused(
            "Ce compte est suspendu ou fermé : réactivez-le avant de préparer un "
            "nouveau premier accès."
        )
    until = account.new_address_until
    if by.is_partner and until and account.last_login and not account.factors:
        raise MoveRefused(
            "L’adresse électronique de ce compte vient de changer, et ses seconds "
            "facteurs ont été remis à zéro. Par précaution, préparez un nouveau "
            f"premier accès à partir du {moment(until)}."
        )
    _, secret = FirstAccess.draw(account, by=by, check_done=check_done)
    if account.state == UserState.CREATED:
        # Somebody is about to use it: the slip is good for longer than it had left.
        account.clock_restarted_at = timezone.now()
        account.save(update_fields=["clock_restarted_at"])
    limits.unlock(account.identifier)
    notify(account, SecurityEventKind.FIRST_ACCESS, by=by)
    audit.record(
        Action.FIRST_ACCESS_RENEWED,
        by=by,
        target=account,
        details={"check_done": check_done},
    )
    return secret


@transaction.atomic
def change_account(
    account: User,
    *,
    by: User,
    reason: str = CorrectionReason.MISTAKE,
    new_device: bool = False,
    **fields: str,
) -> list[str]:
    """Put an account's sheet right, by its RGC or by staff; never its identifier.

    What it said is kept; the holder and who had it are told (V14). Every recent
    address is notified of a new one (S11), and it stops a pending reset of factors that
    one person may do: it would follow at once (ADR 8).

    Args:
        reason: a ``CorrectionReason``.
        new_device: whether ``by`` does it from a device first used today (S39).

    Returns:
        The names of the fields that changed.

    Raises:
        EmailTaken: another account uses this address.
        MoveRefused: the account is closed, which only staff still put right (art. 10);
            or only France Travail reactivates it.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if account.state == UserState.CLOSED and by.is_partner:
        raise MoveRefused("Ce compte est fermé : il ne se modifie plus.")
    before = {}
    for name, value in fields.items():
        if (said := getattr(account, name)) != value:
            before[name] = said
            setattr(account, name, value)
    changed = list(before)
    if not changed:
        return []
    if (
        "email" in changed
        and by.is_partner
        and (sentence := why_only_france_travail(account))
    ):
        raise MoveRefused(sentence)
    try:
        with transaction.atomic():
            account.save(update_fields=changed)
    except IntegrityError as error:
        raise in_french(error) from error
    with audit.gathering() as parts:
        if "email" in changed:
            record_address_change(account, former=before["email"], by=by)
    rectify.keep_history(account, before, by=by, reason=reason)
    audit.record(
        Action.ACCOUNT_CHANGED,
        by=by,
        target=account,
        details={"fields": changed, "new_device": new_device},
        parts=parts,
    )
    return changed


def record_address_change(account: User, *, former: str, by: User) -> None:
    """Notify every recent address; stop a pending reset that one person may do."""
    change = AddressChange.objects.create(account=account, former=former, by=by)
    notify(account, SecurityEventKind.ADDRESS, by=by, change=change)
    for reset in account.factor_resets.filter(state__in=OPEN_STATES, four_eyes=False):
        reset.stop(by=by)
        audit.record(
            Action.FACTOR_RESET_STOPPED,
            by=by,
            target=account,
            details={"reset": reset.pk},
        )


@transaction.atomic
def record_leave(
    account: User, *, by: User, starts_on: dt.date, ends_on: dt.date
) -> Leave:
    """Note that somebody will be away; nobody says why (art. 4.2).

    More than three months: the account is suspended from the first day, which may be
    today.

    Raises:
        LeaveRefused: another absence covers some of these days.
        MoveRefused: the account is suspended or closed.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not account.is_active:
        raise MoveRefused("Ce compte est déjà suspendu ou fermé.")
    leave = Leave(account=account, starts_on=starts_on, ends_on=ends_on, created_by=by)
    try:
        with transaction.atomic():
            leave.save()
    except IntegrityError as error:
        raise in_french(error) from error
    with audit.gathering() as parts:
        if leave.is_long and leave.covers(timezone.localdate()):
            suspend_account(account, by=by, reason=SuspensionReason.ABSENCE)
    audit.record(
        Action.LEAVE_RECORDED,
        by=by,
        target=account,
        details={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
        parts=parts,
    )
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: User) -> None:
    """The person is back earlier, or does not go. A suspension stays: reactivate."""
    standing = Leave.objects.standing().filter(pk=leave.pk)
    if standing.update(cancelled_at=timezone.now(), cancelled_by=by):
        audit.record(Action.LEAVE_CANCELLED, by=by, target=leave.account)


@transaction.atomic
def answer_review(
    convention: Convention, *, by: User, here: Collection[int], gone: Collection[int]
) -> None:
    """The RGC's quarterly word on each person (S26): kept; who left is suspended.

    Args:
        here, gone: the keys of the accounts, each in one of the two.

    Raises:
        MoveRefused: nothing is asked today, or about other persons.
    """
    Convention.objects.select_for_update(no_key=True).get(pk=convention.pk)
    question = reviews.question(convention)
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
    with audit.gathering() as parts:
        for pk in sorted(gone):
            suspend_account(people[pk], by=by, reason=SuspensionReason.GONE)
    audit.record(
        Action.TEAM_REVIEWED,
        by=by,
        target=review,
        details={"here": len(here), "gone": len(gone)},
        parts=parts,
    )


def hold_seat(member: User) -> None:
    """Lock the row of his structure's convention until commit, and see that a seat is
    left on it.

    Whom absence suspends leaves his seat now, even where no job has run.

    Raises:
        QuotaReached: none is.
        MoveRefused: no convention is in force.
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
    """The accounts that annexe 2 counts against that convention's quota."""
    return User.objects.counted().filter(structure=convention.structure_id).count()


def revoke_first_access(account: User) -> None:
    """A slip in somebody's pocket opens nothing any more."""
    FirstAccess.objects.open().filter(account=account).revoke()


def in_french(error: IntegrityError) -> Exception:
    """What the database refused, as a sentence; the error itself where unknown."""
    diagnosis = getattr(error.__cause__, "diag", None)
    match diagnosis and diagnosis.constraint_name:
        case "accounts_within_quota":
            return QuotaReached()
        case "email_of_one_person":
            return EmailTaken("Un compte utilise déjà cette adresse électronique.")
        case "one_leave_at_a_time":
            return LeaveRefused(
                "Une autre absence est déjà annoncée sur une partie de ces dates : "
                "levez-la d’abord."
            )
        case "closed_account_accompanies_nobody":
            return MoveRefused(
                "Ce compte accompagne encore des personnes : confiez-les d’abord à "
                "quelqu’un d’autre."
            )
    # Our triggers speak for themselves, and name no table.
    if diagnosis and diagnosis.message_primary and diagnosis.table_name is None:
        return MoveRefused(str(diagnosis.message_primary))
    return error
