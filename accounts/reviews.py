"""The quarterly question to the RGC: « ces personnes travaillent-elles toujours ici ? »

Asked three calendar months after the last answer, or after the convention took effect
(art. 4.2, S26). Whether it is due is a predicate; the job opens it, reminds, and tells
France Travail of a silence of three weeks.
"""

import dataclasses
import datetime as dt

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from accounts import emails, scope
from accounts.models import Convention, TeamReview, User
from opus.lib import audit


@dataclasses.dataclass(frozen=True)
class Question:
    """What the RGC is asked: on which day, about whom."""

    due_on: dt.date
    people: list[User]

    @property
    def is_asked(self) -> bool:
        """Whether that day has come."""
        return self.due_on <= timezone.localdate()


def question(convention: Convention) -> Question | None:
    """The question that waits for an answer, else the next one; None with no account.

    It is about the accounts in use that were opened before its day. A quarter in which
    there was nobody to ask about passes without a question.
    """
    reviews = convention.reviews.aggregate(
        waiting=Min("due_on", filter=Q(answered_at__isnull=True)),
        answered=Max("answered_at"),
    )
    counted = User.objects.counted().filter(structure=convention.structure_id)
    people = list(counted)
    if not people:
        return None
    waiting = reviews["waiting"]
    if waiting and (asked := opened_before(waiting, people)):
        return Question(waiting, asked)
    base = convention.starts_on
    if reviews["answered"]:
        base = max(base, timezone.localdate(reviews["answered"]))
    quarters = 1
    while not (asked := opened_before(months_after(base, quarters), people)):
        quarters += 1
    return Question(months_after(base, quarters), asked)


def opened_before(day: dt.date, people: list[User]) -> list[User]:
    return [person for person in people if timezone.localdate(person.created_at) < day]


def months_after(day: dt.date, quarters: int) -> dt.date:
    """The same day of the month, quarters later, clipped to the month's end."""
    return day + relativedelta(months=settings.REVIEW_EVERY_MONTHS * quarters)


def watch() -> None:
    """Open what is due, remind the RGC, tell France Travail of a silence."""
    for convention in Convention.objects.in_force().select_related("agency"):
        watch_one(convention)


@transaction.atomic
def watch_one(convention: Convention) -> None:
    """One convention's question, under lock of its row: an answer may come now."""
    Convention.objects.select_for_update(no_key=True).get(pk=convention.pk)
    asked = question(convention)
    moot = convention.reviews.unanswered()
    if asked:
        moot = moot.exclude(due_on=asked.due_on)
    # Those asked about were all suspended or closed: there is nothing left to answer.
    moot.update(answered_at=timezone.now())
    if asked is None or not asked.is_asked:
        return
    due_on = asked.due_on
    review, _ = TeamReview.objects.get_or_create(convention=convention, due_on=due_on)
    waited = (timezone.localdate() - due_on).days
    if waited >= settings.REVIEW_ESCALATES:
        escalate(review)
    else:
        marks = (0, *settings.REVIEW_REMINDERS)
        mark = max(days for days in marks if days <= waited)
        emails.accounts.team_review_asked.post(
            key=f"{review.pk}:{mark}", review=review.pk, mark=mark
        )


def escalate(review: TeamReview) -> None:
    """France Travail is told, once: by letter and on its desk."""
    if review.escalated_at:
        return
    review.escalated_at = timezone.now()
    review.save(update_fields=["escalated_at"])
    audit.record(audit.Action.TEAM_REVIEW_ESCALATED, by=None, target=review)
    for person in scope.administrators_over(review.convention.agency):
        emails.accounts.team_review_escalated.post(
            key=f"{review.pk}:{person.pk}", review=review.pk, to=person.pk
        )
