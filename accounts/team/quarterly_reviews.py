"""The quarterly question about each account (art. 4.2, S26).

« Ces personnes travaillent-elles toujours ici ? », three calendar months after the last
answer or the convention's start. Due by predicate; the job opens it, reminds, and
reports three weeks of silence.
"""

import dataclasses
import datetime as dt

from celery import shared_task
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.team import emails
from accounts.team.models import TeamReview
from accounts.users import territory
from accounts.users.models import User
from opus.lib import jobs
from opus.lib.audit import journal


@dataclasses.dataclass(frozen=True)
class Question:
    due_on: dt.date
    people: list[User]

    @property
    def is_asked(self) -> bool:
        return self.due_on <= timezone.localdate()


def question(convention: Convention) -> Question | None:
    """Return the open question, else the next with accounts."""
    reviews = convention.reviews.aggregate(
        waiting=Min("due_on", filter=Q(answered_at__isnull=True)),
        answered=Max("answered_at"),
    )
    counted = User.objects.counted().filter(structure=convention.structure_id)
    people = list(counted)
    if not people:
        return None
    waiting = reviews["waiting"]
    if waiting and (concerned := opened_before(waiting, people)):
        return Question(waiting, concerned)
    base = convention.starts_on
    if reviews["answered"]:
        base = max(base, timezone.localdate(reviews["answered"]))
    quarters = 1
    while not (concerned := opened_before(months_after(base, quarters), people)):
        quarters += 1
    return Question(months_after(base, quarters), concerned)


def opened_before(day: dt.date, people: list[User]) -> list[User]:
    return [person for person in people if timezone.localdate(person.created_at) < day]


def months_after(day: dt.date, quarters: int) -> dt.date:
    """Return the same day N quarters later, or month's end."""
    return day + relativedelta(months=settings.REVIEW_EVERY_MONTHS * quarters)


@shared_task
@jobs.exclusive("check-reviews", every=dt.timedelta(hours=1))
@transaction.atomic
def check_reviews() -> None:
    """Open due questions, remind the RGC, notify France Travail; idempotent."""
    for convention in Convention.objects.in_force().select_related("agency"):
        watch_one(convention)


@transaction.atomic
def watch_one(convention: Convention) -> None:
    """Check one convention, under lock: an answer may come meanwhile."""
    Convention.objects.select_for_update(no_key=True).get(pk=convention.pk)
    current = question(convention)
    moot = convention.reviews.unanswered()
    if current:
        moot = moot.exclude(due_on=current.due_on)
    # Every person in question was suspended or closed: there is nothing to answer.
    moot.update(answered_at=timezone.now())
    if current is None or not current.is_asked:
        return
    due_on = current.due_on
    review, _ = TeamReview.objects.get_or_create(convention=convention, due_on=due_on)
    waited = (timezone.localdate() - due_on).days
    if waited >= settings.REVIEW_ESCALATES:
        escalate(review)
    else:
        marks = (0, *settings.REVIEW_REMINDERS)
        mark = max(days for days in marks if days <= waited)
        emails.team_review_asked.post(
            key=f"{review.pk}:{mark}", review=review.pk, mark=mark
        )


def escalate(review: TeamReview) -> None:
    """Notify France Travail once: e-mail and home page."""
    if review.escalated_at:
        return
    review.escalated_at = timezone.now()
    review.save(update_fields=["escalated_at"])
    journal.record(journal.Action.TEAM_REVIEW_ESCALATED, by=None, target=review)
    for person in territory.administrators_over(review.convention.agency):
        emails.team_review_escalated.post(
            key=f"{review.pk}:{person.pk}", review=review.pk, to=person.pk
        )
