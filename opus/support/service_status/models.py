"""The state of the service: probes by the minute, incidents, planned works (art. 6)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.users.models import User, person_key
from opus.lib.database.states import MoveRefused, known
from opus.lib.database.versions import Versioned
from opus.lib.dates import (
    add_months,
    date_format,
    in_paris,
    instants_within,
    moment,
    readable,
)
from opus.lib.text_guard.fields import About, GuardedCharField
from opus.lib.text_guard.rules import OF_THE_SERVICE


class ProbeState(models.TextChoices):
    """The answer of ``/readyz`` (R15)."""

    OK = "ok", "en service"
    DEGRADED = "degraded", "en service, avec du retard"
    DOWN = "down", "indisponible"


class Probe(models.Model):
    """One minute; a minute without a row was not probed."""

    minute = models.DateTimeField("minute", primary_key=True)
    state = models.CharField("état", max_length=10, choices=ProbeState)
    latency_ms = models.PositiveIntegerField("délai de réponse, en ms", null=True)

    class Meta:
        verbose_name = "mesure"
        ordering = ("-minute",)
        constraints = [
            known(ProbeState, "probe_state_is_known"),
            models.CheckConstraint(
                condition=Q(minute__second=0), name="probe_is_of_a_whole_minute"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.state}"


OWED = Fraction(98, 100)
# Article 6's own example: 2 % of thirty days.
BUDGET = 1 - OWED


def minutes_of(month: dt.date) -> int:
    """Return the real minutes of a month in Paris."""
    # Subtract instants, not clock times: else the hour of a clock change is lost.
    begin, end = (
        in_paris(day).astimezone(dt.UTC) for day in (month, add_months(month))
    )
    return (end - begin) // dt.timedelta(minutes=1)


class MeasuredMonth(models.Model):
    """A month in minutes, stored once it is past.

    ``measured`` is ``elapsed`` less planned maintenance; the service answered in
    ``up``; ``unseen`` have no probe.
    """

    month = models.DateField("mois", primary_key=True)
    elapsed = models.PositiveIntegerField("minutes du mois")
    planned = models.PositiveIntegerField("minutes d’opérations planifiées")
    up = models.PositiveIntegerField("minutes en service")
    unseen = models.PositiveIntegerField("minutes sans mesure")

    # Minutes of the month still to come.
    to_come = 0

    class Meta:
        verbose_name = "mois mesuré"
        verbose_name_plural = "mois mesurés"
        ordering = ("month",)
        constraints = [
            models.CheckConstraint(
                condition=Q(up__lte=F("elapsed") - F("planned") - F("unseen")),
                name="month_is_no_longer_than_itself",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="month_is_its_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def is_over(self) -> bool:
        return not self.to_come

    @property
    def is_partial(self) -> bool:
        """Return whether it was measured from a later day on."""
        return self.elapsed + self.to_come < minutes_of(self.month)

    @property
    def measured(self) -> int:
        return self.elapsed - self.planned

    @property
    def down(self) -> int:
        return self.measured - self.up

    @property
    def is_kept(self) -> bool:
        """Return whether 98 % is reached, or still can be, to the minute."""
        return self.down <= BUDGET * (self.measured + self.to_come)

    @property
    def rate(self) -> str:
        """Format « 99,97 % », truncated; a dash if unmeasured."""
        if not self.measured:
            return "—"
        hundredths = self.up * 10_000 // self.measured
        return f"{hundredths // 100},{hundredths % 100:02}\N{NO-BREAK SPACE}%"

    @property
    def budget(self) -> int:
        """Return the permitted downtime: 14 h 24 in thirty days."""
        return int(BUDGET * (self.measured + self.to_come))

    @property
    def label(self) -> str:
        return date_format(self.month, "F Y")

    @property
    def kind(self) -> str:
        """Return the colour of its badge; none is final before its end."""
        if not self.is_kept:
            return "error"
        return "success" if self.is_over else "info"

    @property
    def verdict(self) -> str:
        words = "98\xa0% atteints" if self.is_over else "98\xa0% encore possibles"
        words = words if self.is_kept else "Sous 98\xa0%"
        return f"{words} sur la partie mesurée" if self.is_partial else words


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


MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
# Its minutes are no downtime, so it must not cover a whole month.
LONGEST = dt.timedelta(days=28)


class PlannedWorkQuerySet(models.QuerySet["PlannedWork"]):
    def kept(self) -> Self:
        return self.filter(cancelled_at=None)

    def to_come(self) -> Self:
        to_come = self.kept().filter(ends_at__gt=timezone.now())
        return to_come.filter(readable("starts_at", "ends_at"))


class PlannedWork(Versioned):
    """Opus, or a part, will be away for some minutes.

    They do not count as downtime, so PostgreSQL refuses to move or extend them once
    announced (``opus_guard_planned_works``).
    """

    title = GuardedCharField(
        "ce qui sera indisponible",
        about=About.SERVICE,
        max_length=120,
        help_text="Dans les mots des conseillers : « Tout Opus », « Les documents ».",
    )
    advice = GuardedCharField(
        "ce qu’il faut faire",
        about=About.SERVICE,
        max_length=300,
        blank=True,
        allows=OF_THE_SERVICE,
        help_text="Par exemple : « Imprimez vos documents avant 18 h ».",
    )
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    announced_at = models.DateTimeField("annoncée le", db_default=Now(), editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, editable=False)

    objects = PlannedWorkQuerySet.as_manager()

    class Meta:
        verbose_name = "opération planifiée"
        verbose_name_plural = "opérations planifiées"
        ordering = ("starts_at", "pk")
        constraints = [
            instants_within("starts_at", "ends_at", name="works_within_the_years"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="works_end_after_their_start",
                violation_error_message="La fin vient après le début.",
            ),
            models.CheckConstraint(
                condition=Q(
                    starts_at__lte=F("announced_at") + A_YEAR,
                    ends_at__lte=F("starts_at") + LONGEST,
                ),
                name="works_are_near_and_short",
                violation_error_message="Une opération planifiée commence dans "
                "l’année qui vient et dure quatre semaines au plus.",
            ),
            # The minimum notice; the settings may require more.
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("announced_at") + DAY),
                name="works_are_announced_ahead",
                violation_error_message="Une opération planifiée est annoncée au moins "
                "un jour avant ; sinon, déclarez un incident.",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__second=0, ends_at__second=0),
                name="works_are_announced_by_the_minute",
                violation_error_message="Début et fin s’écrivent à la minute.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raise ValidationError if a new one is too near."""
        starts_at: dt.datetime | None = self.starts_at
        if not self._state.adding or starts_at is None:
            return
        lead = settings.WORKS_LEAD
        if starts_at < timezone.now() + lead:
            first_day = moment(timezone.now() + lead + MINUTE)
            raise ValidationError(
                {
                    "starts_at": f"Une opération est annoncée au moins {lead.days} "
                    f"jours avant : elle ne peut commencer avant le {first_day}. "
                    "Plus tôt, son temps compterait comme une indisponibilité : "
                    "déclarez un incident."
                }
            )

    @property
    def is_ahead(self) -> bool:
        return self.cancelled_at is None and self.starts_at > timezone.now()

    @property
    def is_under_way(self) -> bool:
        now = timezone.now()
        return self.cancelled_at is None and self.starts_at <= now < self.ends_at

    def cancel(self) -> None:
        """Raise MoveRefused if it has begun or is cancelled."""
        if not self.is_ahead:
            raise MoveRefused("Cette opération a commencé ou a déjà été annulée.")
        self.cancelled_at = timezone.now()
        self.save(update_fields=["cancelled_at"])

    def finish(self) -> None:
        """End it early; raise MoveRefused unless under way."""
        now = timezone.now().replace(second=0, microsecond=0)
        if not self.is_under_way or now <= self.starts_at:
            raise MoveRefused("Cette opération n’est pas en cours.")
        self.ends_at = now
        self.save(update_fields=["ends_at"])
