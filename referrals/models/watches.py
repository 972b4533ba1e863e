"""What one looks for for a person, kept: the offers that fit come by themselves."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from offers.criteria import Criteria
from referrals.models.candidates import Candidate
from referrals.models.stand_ins import followed_by

LONGEST_QUERY = 2_000
# One is the rule; a few for somebody with two trades, or two towns.
MOST_WATCHES = 5
# Within it, looking again is the same look: what was new stays marked.
ONE_LOOK = dt.timedelta(minutes=30)


class WatchQuerySet(models.QuerySet["Watch"]):
    """Questions asked of sets of watches."""

    def visible_to(self, user: User) -> Self:
        """Those of the persons whom the user follows today (S24)."""
        return self.filter(
            followed_by(user, "candidate__adviser"),
            candidate__structure=user.structure_id,
        )

    def of_caseload(self, user: User) -> Self:
        """Those of his own persons, whoever follows them today."""
        return self.filter(
            candidate__adviser=user.pk, candidate__structure=user.structure_id
        )


class Watch(models.Model):
    """A search kept for a person (*veille*): trades, words, place, hours, contract.

    It says what the search says and nothing of the person. It goes with her, to whoever
    accompanies her; the morning's letter goes to him.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        models.CASCADE,
        verbose_name="candidat",
        related_name="watches",
    )
    # The address of the search, in one order and without its page.
    query = models.CharField("recherche", max_length=LONGEST_QUERY)
    by_mail = models.BooleanField("signalée par courriel", default=True)
    created_at = models.DateTimeField("créée le", db_default=Now())
    # What came in before is not new: to who looks, to who reads the letters.
    seen_until = models.DateTimeField("vue jusqu’au", db_default=Now())
    told_until = models.DateTimeField("signalée jusqu’au", db_default=Now())
    mail_from = models.DateTimeField("signalée depuis le", db_default=Now())
    # The last look, whose offers are still marked as new for a while.
    looked_at = models.DateTimeField("dernière lecture", db_default=Now())

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = "veille"
        ordering = ("created_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "query"],
                name="one_watch_for_a_search",
                violation_error_message="Cette veille existe déjà pour cette personne.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def criteria(self) -> Criteria:
        return Criteria.from_text(self.query)

    @property
    def is_sound(self) -> bool:
        """Whether all that it asks is still understood: else it would find too much."""
        return not self.criteria.unread and not self.criteria.is_empty

    @property
    def news_since(self) -> dt.datetime:
        """From when on offers are new to who looks now."""
        is_same_look = timezone.now() - self.looked_at < ONE_LOOK
        return self.seen_until if is_same_look else self.looked_at
