from typing import Self

from django.db import models

from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from opus.lib.outbound.models import Instance, KeptMail, OutboxEntry
from opus.lib.privacy.models import PurgeRun
from opus.lib.text_guard.models import TextFinding, TextGuardCount, TextScan


class FindingQuerySet(models.QuerySet["Finding"]):
    def broken(self) -> Self:
        return self.filter(count__gt=0)


class Finding(models.Model):
    """Rows that break an invariant, as of last night (R28)."""

    name = models.CharField("contrôle", max_length=60, primary_key=True)
    count = models.PositiveIntegerField("lignes en défaut")
    checked_at = models.DateTimeField("contrôlé le")
    first_at = models.DateTimeField("en défaut depuis le", null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "contrôle de cohérence"
        verbose_name_plural = "contrôles de cohérence"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
