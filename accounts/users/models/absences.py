"""Announced absences: dates, never a reason (art. 4.2)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from accounts.users.account_texts import HistoryEntry
from accounts.users.models.keys import account_key, person_key
from opus.lib.dates import date_format, days_from, days_within

# An absence that lasts more than three months ends the access (art. 4.2).
LONG = relativedelta(months=3)


class ThreeMonthsAfter(Func):
    """Add three months, clipped to the month's end."""

    template = "(%(expressions)s + interval '3 months')::date"
    output_field: Any = models.DateField()


class LeaveQuerySet(models.QuerySet["Leave"]):
    def standing(self) -> Self:
        return self.filter(cancelled_at__isnull=True)

    def covering(self, day: dt.date) -> Self:
        return self.standing().filter(starts_on__lte=day, ends_on__gte=day)

    def long(self) -> Self:
        """Filter those over three months, which suspend the account."""
        return self.filter(ends_on__gte=ThreeMonthsAfter("starts_on"))


class Leave(models.Model):
    """An announced absence, both days included, without a reason."""

    account = account_key("leaves")
    starts_on = models.DateField("premier jour d’absence")
    ends_on = models.DateField("dernier jour d’absence")
    created_at = models.DateTimeField("enregistrée le", db_default=Now())
    created_by = person_key()
    cancelled_at = models.DateTimeField("annulée le", null=True)
    cancelled_by = person_key("annulée par", null=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = "absence annoncée"
        verbose_name_plural = "absences annoncées"
        ordering = ("-starts_on",)
        constraints = [
            days_within("starts_on", "ends_on", name="leave_within_the_years"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="leave_ends_after_it_starts",
                violation_error_message="Le dernier jour d’absence précède le premier.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="leave_is_cancelled_by_somebody",
            ),
            ExclusionConstraint(
                name="one_leave_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at__isnull=True),
                violation_error_message="Une autre absence est déjà enregistrée sur "
                "une partie de ces dates : annulez-la d’abord.",
            ),
        ]

    def __str__(self) -> str:
        return f"du {date_format(self.starts_on)} au {date_format(self.ends_on)}"

    @property
    def is_long(self) -> bool:
        return self.ends_on >= self.starts_on + LONG

    def covers(self, day: dt.date) -> bool:
        return self.cancelled_at is None and self.starts_on <= day <= self.ends_on

    @property
    def leaves_time(self) -> bool:
        """Return whether the return comes early enough to keep the access."""
        last_day = self.ends_on + dt.timedelta(days=settings.ABSENCE_RETURN_WITHIN)
        return last_day < self.account.suspended_from

    def silences(self, day: dt.date) -> bool:
        """Return whether warnings wait for the return (S26)."""
        return self.covers(day) and self.leaves_time

    def is_ahead(self, day: dt.date) -> bool:
        return self.cancelled_at is None and self.ends_on >= day

    def entries(self) -> list[HistoryEntry]:
        dates = str(self)
        entries = [
            HistoryEntry(self.created_at, "Absence annoncée", self.created_by, dates)
        ]
        if self.cancelled_at:
            label = "Absence annoncée : levée"
            entries.append(
                HistoryEntry(self.cancelled_at, label, self.cancelled_by, dates)
            )
        return entries
