"""Incidents: the failure, its start, advice, daily updates (art. 6)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.users.models.keys import person_key
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import instants_within, moment, readable
from opus.lib.text_guard.categories import OF_THE_SERVICE
from opus.lib.text_guard.model_fields import About, GuardedCharField

A_YEAR = dt.timedelta(days=366)
# Article 6: an update each day during an incident.
NEWS_EVERY = dt.timedelta(days=1)


class IncidentQuerySet(models.QuerySet["Incident"]):
    def under_way(self) -> Self:
        return self.filter(ended_at=None)

    def over(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def with_last_word(self) -> Self:
        """Annotate ``last_word_at``: the last update, else the declaration."""
        last = Coalesce(Max("updates__at"), F("declared_at"))
        return self.annotate(last_word_at=last)

    def unspoken(self) -> Self:
        limit = timezone.now() - NEWS_EVERY
        return self.under_way().with_last_word().filter(last_word_at__lt=limit)


class IncidentManager(models.Manager.from_queryset(IncidentQuerySet)):  # type: ignore[misc]
    """Hide instants that some time zone cannot show."""

    def get_queryset(self) -> IncidentQuerySet:
        incidents: IncidentQuerySet = super().get_queryset()
        return incidents.filter(readable("started_at", "ended_at"))


class Incident(Versioned):
    """A failure: a banner on every page until it ends."""

    title = GuardedCharField(
        "ce qui est touché",
        about=About.SERVICE,
        max_length=120,
        help_text="Dans les mots des conseillers : « L’impression des documents ».",
    )
    advice = GuardedCharField(
        "ce qu’il faut faire",
        about=About.SERVICE,
        max_length=300,
        allows=OF_THE_SERVICE,
        help_text="Comment travailler en attendant : "
        "« Imprimez la version à l’écran ».",
    )
    started_at = models.DateTimeField("début")
    declared_at = models.DateTimeField("déclaré le", db_default=Now(), editable=False)
    ended_at = models.DateTimeField("fin", null=True, editable=False)
    summary = GuardedCharField(
        "bilan",
        about=About.SERVICE,
        max_length=600,
        blank=True,
        editable=False,
        allows=OF_THE_SERVICE,
    )

    objects = IncidentManager()

    class Meta:
        verbose_name = "incident"
        ordering = ("-started_at", "-pk")
        constraints = [
            instants_within("started_at", "ended_at", name="incident_within_the_years"),
            models.CheckConstraint(
                condition=Q(started_at__lte=F("declared_at")),
                name="incident_has_begun",
                violation_error_message="Un incident a déjà commencé : son début n’est "
                "pas à venir. Une interruption prévue est une opération planifiée.",
            ),
            models.CheckConstraint(
                condition=Q(started_at__gte=F("declared_at") - A_YEAR),
                name="incident_began_within_the_year",
                violation_error_message="Un incident a commencé depuis un an au "
                "plus\xa0: vérifiez la date de son début.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, summary="")
                | Q(ended_at__gte=F("started_at")) & ~Q(summary=""),
                name="ended_incident_has_its_summary",
                violation_error_message="Un incident se clôt avec sa fin, qui suit son "
                "début, et son bilan.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_under_way(self) -> bool:
        return self.ended_at is None

    @property
    def ended_the_same_day(self) -> bool:
        start, end = timezone.localdate(self.started_at), self.ended_at
        return end is not None and start == timezone.localdate(end)

    @transaction.atomic
    def add_update(self, text: str, *, by: User) -> IncidentUpdate:
        """Add an update; raise MoveRefused if it is over."""
        self._lock()
        return self.updates.create(text=text, by=by)

    @transaction.atomic
    def end(self, *, at: dt.datetime, summary: str) -> None:
        """End it; raise MoveRefused if it is over."""
        self._lock()
        self.ended_at, self.summary = at, summary
        self.save(update_fields=["ended_at", "summary"])

    def _lock(self) -> None:
        rows: Any = Incident.objects.select_for_update(no_key=True)
        self.ended_at = rows.values_list("ended_at", flat=True).get(pk=self.pk)
        if self.ended_at is not None:
            end = moment(self.ended_at)
            raise MoveRefused(f"Cet incident est clos\xa0: il a pris fin le {end}.")


class IncidentUpdate(models.Model):
    incident = models.ForeignKey(
        Incident, models.CASCADE, verbose_name="incident", related_name="updates"
    )
    at = models.DateTimeField("le", db_default=Now())
    text = GuardedCharField(
        "nouvelles", about=About.SERVICE, max_length=300, allows=OF_THE_SERVICE
    )
    by = person_key()

    class Meta:
        verbose_name = "nouvelles d’un incident"
        verbose_name_plural = "nouvelles d’incidents"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.text
