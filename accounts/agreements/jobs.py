"""Scheduled jobs of conventions (art. 12, 13).

Access is a predicate on dates (R12): these jobs only move states and send e-mails, and
may run twice, late or not at all.
"""

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.agreements import emails, letters
from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.conventions import (
    TOLD_DAYS_BEFORE,
    Convention,
    ConventionState,
)
from accounts.agreements.models.terminations import BreachState, Ending
from accounts.users.enums import COUNTED_STATES, PARTNER_ROLES, Role
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import Effect

# What the journal calls a change of each, by the model's name.
CHANGED = {
    "amendment": Action.AMENDMENT_CHANGED,
    "breach": Action.BREACH_CHANGED,
    "convention": Action.CONVENTION_CHANGED,
    "ending": Action.ENDING_CHANGED,
    "reviewmeeting": Action.MEETING_CHANGED,
}
NOT_STAFF = "Seul le personnel de France Travail modifie une convention (art. 5.2)."


def check_staff(by: User) -> None:
    if not by.is_staff:
        raise MoveRefused(NOT_STAFF)


def lock(convention: Convention) -> Convention:
    """Lock the row until commit, with rows that checks read."""
    return (
        Convention.objects.select_for_update(no_key=True, of=("self",))
        .select_related("structure", "agency", "parent")
        .get(pk=convention.pk)
    )


def save(row: Any) -> None:
    """Insert a row; translate a database refusal into MoveRefused."""
    try:
        row.validate_constraints(exclude={"was_quota", "was_ends_on"})
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        raise MoveRefused(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise MoveRefused(
            "Quelqu’un a modifié ce dossier entre-temps : rechargez la page."
        ) from error


def tidy() -> int:
    """Move states to match the dates; return how many."""
    return each(Convention.objects.past_their_end(), close_past)


def nominations() -> Any:
    """Return nominations by name: their subject is not importable here."""
    return apps.get_model("accounts", "Nomination").objects


def close_past(convention: Convention) -> None:
    """Set past conventions to expired, or terminated after a notice."""
    if convention.state == ConventionState.NOTICE_PERIOD:
        convention.terminate(by=None)
    else:
        convention.expire(by=None)
    close_what_is_open(convention, by=None)
    record(convention, None, "tidy")


def drop_past_proposals() -> int:
    """Abandon proposals of an end that has passed; return how many conventions."""
    past = {"state": ProposalState.PROPOSED, "ends_on__lt": timezone.localdate()}
    conventions = [
        *Ending.objects.filter(**past).values_list("convention", flat=True),
        *Amendment.objects.filter(**past).values_list("convention", flat=True),
    ]
    return each(Convention.objects.filter(pk__in=conventions), drop_past)


def drop_past(convention: Convention) -> None:
    """Abandon what nobody can confirm, so that another may be proposed."""
    today = timezone.localdate()
    for rows in (convention.endings, convention.amendments):
        for proposal in rows.waiting().filter(ends_on__lt=today):
            proposal.move_to(ProposalState.ABANDONED, by=None)
            record(proposal, None, "abandon")


def notify_ends() -> int:
    """Notify accounts 30 and 7 days before the end."""
    first = max(TOLD_DAYS_BEFORE)
    last_day = timezone.localdate() + dt.timedelta(days=first)
    ending = Convention.objects.in_force().filter(ends_on__lte=last_day)
    return each(ending, notify_accounts_of_the_end)


def notify_renewals() -> int:
    """Notify the RGC of a convention that nothing follows yet (art. 13)."""

    def notify(convention: Convention) -> None:
        pk, key = convention.pk, f"{convention.pk}:{convention.ends_on}"
        notify_rgc(emails.renewal_due, convention, key, convention=pk)

    return each(Convention.objects.to_renew(), notify)


def notify_excesses() -> int:
    """Notify the RGC of more accounts than the quota."""
    crowded = [
        convention.pk
        for convention in Convention.objects.in_force().with_terms()
        if User.objects.counted().filter(structure=convention.structure_id).count()
        > convention.quota
    ]
    return each(
        Convention.objects.filter(pk__in=crowded),
        lambda convention: notify_rgc(
            emails.quota_exceeded,
            convention,
            f"{convention.pk}:{convention.quota}",
            convention=convention.pk,
        ),
    )


def notify_accounts_of_the_end(convention: Convention, stage: str = "") -> None:
    """Send one e-mail per account, stage and last day, if access stops then."""
    if convention.starts_on > timezone.localdate() or convention.goes_on:
        return
    due = [days for days in TOLD_DAYS_BEFORE if convention.days_left <= days]
    stage = str(min(due)) if due else stage
    if not stage:
        return
    # A day that comes back after another one is announced again.
    cause = convention.end_set_by
    key = ":".join(filter(None, [str(convention.ends_on), cause, stage]))
    for person in members(convention):
        emails.convention_ends.post(
            key=f"{convention.pk}:{key}:{person.pk}",
            convention=convention.pk,
            account=person.pk,
            ends_on=convention.ends_on.isoformat(),
        )


def end_was_announced(convention: Convention) -> bool:
    """Return whether accounts know a last day, which may be another one."""
    sent = OutboxEntry.objects.filter(effect=emails.convention_ends.name)
    return sent.filter(
        sent_at__isnull=False, arguments__convention=convention.pk
    ).exists()


def each(conventions: Any, do: Callable[[Convention], None]) -> int:
    """Run in one transaction each: a second run does nothing."""
    done = 0
    for pk in conventions.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            rows = conventions.select_for_update(no_key=True, skip_locked=True)
            convention = rows.filter(pk=pk).first()
            if convention is not None:
                do(convention)
                done += 1
    return done


def close_what_is_open(convention: Convention, *, by: User | None) -> None:
    """Drop with the convention what can no longer be done.

    An upheld breach ends; proposals are abandoned, and letters that say what will not
    come are cancelled. The RGC's office ends; what continues it stays (art. 13).
    """
    nominations().end_with(convention, by=by)
    for proposals in (convention.amendments, convention.endings):
        for proposal in proposals.waiting():
            proposal.move_to(ProposalState.ABANDONED, by=by)
    for breach in convention.breaches.live():
        if breach.state == BreachState.UPHELD:
            breach.move_to(BreachState.ENDED, by=by)
        else:
            breach.move_to(BreachState.LIFTED, by=by)
            for letter in breach.letters.to_post():
                letters.cancel(letter, by=by)


def members(convention: Convention) -> models.QuerySet[User]:
    return User.objects.filter(
        structure=convention.structure_id,
        role__in=PARTNER_ROLES,
        state__in=COUNTED_STATES,
    )


def notify_rgc(effect: Effect, convention: Convention, key: str, /, **ids: Any) -> None:
    for person in members(convention).filter(role=Role.RGC):
        effect.post(key=f"{key}:{person.pk}", account=person.pk, **ids)


def record(
    target: Any,
    by: User | None,
    verb: str,
    parts: Collection[dict[str, Any]] = (),
    **details: Any,
) -> None:
    """Record what was done to a convention, or to something of a convention."""
    name = target._meta.model_name
    convention = target.pk if name == "convention" else target.convention_id
    details = {"verb": verb, "convention": convention, **details}
    journal.record(CHANGED[name], by=by, target=target, details=details, parts=parts)
