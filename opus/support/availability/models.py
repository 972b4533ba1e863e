"""The probes, minute by minute, and the measured months (R16)."""

from django.db import models
from django.db.models import F, Q

from opus.lib.database.states import known


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


class MeasuredMonth(models.Model):
    """A past month, counted once.

    In minutes. ``measured`` is ``elapsed`` less planned maintenance; the service
    answered in ``up``; ``unseen`` have no probe.
    """

    month = models.DateField("mois", primary_key=True)
    elapsed = models.PositiveIntegerField("minutes du mois")
    planned = models.PositiveIntegerField("minutes d’opérations planifiées")
    up = models.PositiveIntegerField("minutes en service")
    unseen = models.PositiveIntegerField("minutes sans mesure")

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
