import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def overdue(self) -> Self:
        """Filter those late by twice their interval and a minute."""
        waited = 2 * F("every") + dt.timedelta(minutes=1)
        return self.filter(ended_at__lt=timezone.now() - waited)


class JobRun(models.Model):
    name = models.CharField("tâche", max_length=40, primary_key=True)
    every = models.DurationField("toutes les")
    ended_at = models.DateTimeField("dernière fin")
    error = models.CharField("erreur du dernier essai", max_length=60, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche de fond"
        verbose_name_plural = "tâches de fond"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
