"""The RGC's quarterly answers about accounts (S26, 4.2)."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.agreements.models.conventions import Convention, convention_key
from accounts.users.account_texts import HistoryEntry
from accounts.users.models import account_key, person_key
from opus.lib.dates import date_format


class TeamReviewQuerySet(models.QuerySet["TeamReview"]):
    def unanswered(self) -> Self:
        return self.filter(answered_at__isnull=True)

    def waiting(self, on: dt.date | None = None) -> Self:
        """Filter those that can still be answered: their convention runs."""
        return self.unanswered().filter(convention__in=Convention.objects.in_force(on))

    def overdue(self, on: dt.date | None = None) -> Self:
        """Filter those unanswered long enough to notify France Travail."""
        day = on or timezone.localdate()
        limit = day - dt.timedelta(days=settings.REVIEW_ESCALATES)
        return self.waiting(day).filter(due_on__lte=limit)


class TeamReview(models.Model):
    """One quarter's question to the RGC; its answers are evidence."""

    convention = convention_key("reviews")
    due_on = models.DateField("demandée le")
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField("répondue le", null=True)
    # Empty if every person in question was suspended or closed in the meantime.
    answered_by = person_key("répondue par", null=True)
    escalated_at = models.DateTimeField("signalée à France Travail le", null=True)

    objects = TeamReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "confirmation trimestrielle"
        verbose_name_plural = "confirmations trimestrielles"
        ordering = ("-due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "due_on"], name="one_review_a_day"
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(answered_at__isnull=True),
                name="one_review_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(answered_at__isnull=False),
                name="review_answered_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"confirmation du {date_format(self.due_on)}"

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None and self.convention.is_in_force()

    @property
    def escalates_on(self) -> dt.date:
        return self.due_on + dt.timedelta(days=settings.REVIEW_ESCALATES)


class TeamReviewAnswer(models.Model):
    review = models.ForeignKey(
        TeamReview, models.PROTECT, verbose_name="confirmation", related_name="answers"
    )
    account = account_key("review_answers")
    is_here = models.BooleanField("travaille toujours dans la structure")

    class Meta:
        verbose_name = "réponse"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["review", "account"], name="one_answer_about_a_person"
            )
        ]

    def __str__(self) -> str:
        return "présent" if self.is_here else "parti"

    def entry(self) -> HistoryEntry:
        review = self.review
        label = (
            "Confirmation trimestrielle : travaille toujours ici"
            if self.is_here
            else "Confirmation trimestrielle : ne travaille plus ici"
        )
        # Answers exist only in an answered review.
        at = review.answered_at or review.created_at
        return HistoryEntry(at, label, review.answered_by)
