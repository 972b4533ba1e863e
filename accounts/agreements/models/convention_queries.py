"""Which conventions are open, end soon or need work."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.agreements.enums import (
    FOLLOWING_STATES,
    IN_FORCE_STATES,
    UNSIGNED_STATES,
    ConventionState,
)
from accounts.agreements.models.terms import TERMS
from opus.lib.dates import add_months
from opus.lib.french_regions import department_of_postcode

# The columns of an amendment that change terms.
CHANGE = ("effective_on", *TERMS)


class ConventionQuerySet(models.QuerySet[Any]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """Filter those open that day: no job needed (R12)."""
        day = on or timezone.localdate()
        return self.filter(
            state__in=IN_FORCE_STATES, starts_on__lte=day, ends_on__gte=day
        )

    def next_number(self, postcode: str) -> str:
        """Return the next number of the department and of the year."""
        department = department_of_postcode(postcode)
        place = department.code if department else postcode[:2]
        start = f"CA-{place}-{timezone.localdate():%Y}-"
        known = self.filter(number__startswith=start).values_list("number", flat=True)
        ends = (re.search(r"-(\d+)$", number) for number in known)
        rank = max((int(end[1]) for end in ends if end), default=0) + 1
        return f"{start}{rank:03}"

    def ever_signed(self) -> Self:
        return self.exclude(state__in=UNSIGNED_STATES)

    def past_their_end(self) -> Self:
        return self.filter(state__in=IN_FORCE_STATES, ends_on__lt=timezone.localdate())

    def to_renew(self) -> Self:
        """Filter those that end soon, which no other follows (art. 13)."""
        last = timezone.localdate() + dt.timedelta(settings.RENEWAL_ANNOUNCED_DAYS)
        following = self.model.objects.filter(
            structure=OuterRef("structure"),
            state__in=FOLLOWING_STATES,
            starts_on__gt=OuterRef("ends_on"),
        )
        # One under notice ends because somebody decided it.
        ending = self.in_force().filter(state=ConventionState.SIGNED)
        return ending.filter(~Exists(following), ends_on__lte=last)

    def renewals_to_sign(self) -> Self:
        return self.filter(state=ConventionState.DRAFT, renews__isnull=False)

    def without_review(self) -> Self:
        """Filter those without a meeting for a year (11)."""
        meetings = apps.get_model("accounts", "ReviewMeeting").objects
        since = add_months(timezone.localdate(), -settings.MEETING_EVERY_MONTHS)
        lately = meetings.held().filter(held_on__gte=since)
        return (
            self.in_force()
            .filter(starts_on__lte=since)
            .filter(~Exists(lately.filter(convention=OuterRef("pk"))))
        )

    def with_terms(self) -> Self:
        """Prefetch amendments for ``terms``; not under a lock."""
        amendments = apps.get_model("accounts", "Amendment").objects
        changes = (
            amendments.confirmed()
            .in_order()
            .filter(convention=OuterRef("pk"))
            .values(row=JSONObject(pk="pk", **{name: name for name in CHANGE}))
        )
        return self.annotate(loaded_changes=ArraySubquery(changes))
