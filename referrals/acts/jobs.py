"""Acts without news (5.2, 5.8), and acts whose offer was withdrawn (3.2).

Without news: reminders after 15 and 30 days, closed after 60. A step or an interview
restarts the count. Withdrawn: stored is when the adviser was notified, until the offer
comes back and he is notified of that too. A second withdrawal is notified again.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from offers.enums import OfferState
from offers.feed.models import FeedDelivery
from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.background_files import SWEEP_EVERY
from opus.lib.database.queries import CompiledValues, placeholder
from referrals.acts import emails
from referrals.acts.models import Act
from referrals.acts.outcomes import DeclaredBy, OutcomeCode, OutcomeKind

AT_ONCE = 500


@transaction.atomic
def remind_advisers() -> int:
    """E-mail advisers about their silent acts; return how many."""
    now = timezone.now()
    due = Q()
    for delay in settings.ACT_REMINDED_AFTER:
        untold = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("told_at") + delay)
        due |= Q(told_at__lte=now - delay) & untold
    silent = Act.objects.silent_for(settings.ACT_REMINDED_AFTER[0]).filter(due)
    # Read the followers under lock: a caseload may be handed over meanwhile.
    first = silent.order_by("pk").values("pk")[:AT_ONCE]
    notified = Act.objects.filter(pk__in=first).lock_with_followers(AT_ONCE)
    Act.objects.filter(pk__in=notified).update(reminded_at=now)
    emails.post_to_each(emails.acts_silent, notified.values(), now)
    return len(notified)


def close_silent() -> int:
    """Close acts silent for too long; return how many."""
    acts = Act.objects.silent_for(settings.ACT_CLOSED_AFTER).order_by("pk")
    return sum(map(close, list(acts.values_list("pk", flat=True)[:AT_ONCE])))


@transaction.atomic
def close(pk: UUID) -> bool:
    act = Act.objects.select_for_update(no_key=True).get(pk=pk)
    silent = Act.objects.silent_for(settings.ACT_CLOSED_AFTER)
    code = OutcomeCode.objects.filter(kind=OutcomeKind.NO_NEWS).first()
    # France Travail edits the codes: without one for silence, close nothing.
    if code is None or not silent.filter(pk=pk).exists():
        return False
    outcome = act.outcomes.create(
        code=code,
        declared_by=DeclaredBy.OPUS,
        on=timezone.localdate(),
        at=timezone.now(),
    )
    act.end(outcome, by=None)
    journal.record(
        journal.Action.OUTCOME_RECORDED,
        by=None,
        target=act,
        persons=[act.candidate_id],
        details={"outcome": code.pk, "declared_by": str(DeclaredBy.OPUS)},
    )
    return True


@shared_task(expires=SWEEP_EVERY)
@transaction.atomic
def notify_withdrawals() -> None:
    """E-mail advisers about offers withdrawn and back."""
    now = timezone.now()
    notify_of_returns(now)
    untold = Q(withdrawal_told_at__isnull=True) | Q(
        withdrawal_told_at__lt=F("offer__state_at")
    )
    acts = Act.objects.live().on_withdrawn_offers().filter(untold)
    notified = acts.lock_with_followers(AT_ONCE)
    if notified:
        Act.objects.filter(pk__in=notified).update(withdrawal_told_at=now)
    letter, told_at = emails.offers_withdrawn, now.isoformat()
    emails.post_to_each(letter, notified.values(), now, told_at=told_at)


def notify_of_returns(now: dt.datetime) -> None:
    offers: dict[int, set[str]] = defaultdict(set)
    acts = Act.objects.live().filter(withdrawal_told_at__isnull=False)
    found = acts.filter(offer__state=OfferState.ACTIVE).lock_with_followers(AT_ONCE)
    back = Act.objects.filter(pk__in=found)
    for act, offer in back.values_list("pk", "offer"):
        offers[found[act]].add(offer)
    back.update(withdrawal_told_at=None)
    for adviser, numbers in sorted(offers.items()):
        offers_back = " ".join(sorted(numbers))
        emails.post_to_each(emails.offers_back, [adviser], now, offers=offers_back)


@shared_task(expires=SWEEP_EVERY)
@transaction.atomic
def confirm_acts() -> None:
    """Clear *à confirmer*, the feed alive (2.10)."""
    last = FeedDelivery.objects.order_by("-received_at").first()
    if last is None:
        return
    waiting = Act.objects.filter(
        to_confirm=True, offer__state=OfferState.ACTIVE, created_at__lt=last.received_at
    )
    rows = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)
    confirmed = list(rows.order_by("pk")[:AT_ONCE])
    Act.objects.filter(pk__in=[act.pk for act in confirmed]).update(to_confirm=False)
    for act in confirmed:
        journal.record(journal.Action.REFERRAL_CONFIRMED, by=None, target=act)


@shared_task
@jobs.exclusive("check-silence", every=dt.timedelta(hours=1))
def check_silence() -> None:
    """Remind of silent acts, and close the oldest (5.2)."""
    remind_advisers()
    close_silent()


def notify_withdrawals_now(references: Sequence[str]) -> None:
    """Start the task if an offer has a live act."""
    if not references or live_acts_on().rows(list(references)):
        jobs.enqueue(notify_withdrawals)


@cache
def live_acts_on() -> CompiledValues:
    """Return a query of one act on these offers: compiled, half of an event."""
    numbers = placeholder("SELECT unnest(%s::text[])")
    acts = Act.objects.live().filter(offer__in=numbers).order_by()
    return CompiledValues(acts.values_list("kind")[:1], [numbers])
