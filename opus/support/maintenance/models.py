"""Planned maintenance, which is no downtime (art. 6, R16)."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import instants_within, moment, readable
from opus.lib.text_guard.categories import OF_THE_SERVICE
from opus.lib.text_guard.model_fields import About, GuardedCharField

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
A_YEAR = dt.timedelta(days=366)
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
