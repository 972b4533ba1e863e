"""The audit journal's table."""

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One line of the journal. Written by ``opus.lib.audit.record`` and nothing else.

    The table is partitioned by month in its first migration, so its key in the
    database is (id, at). It holds no foreign key: it must outlive what it tells of.
    """

    at = models.DateTimeField("le", db_default=Now())
    actor_id = models.BigIntegerField("compte n°", null=True)
    actor = models.CharField("identifiant", max_length=40, blank=True)
    role = models.CharField("rôle", max_length=20, blank=True)
    structure_id = models.BigIntegerField("structure n°", null=True)
    action = models.CharField("action", max_length=40)
    target_type = models.CharField("objet", max_length=60, blank=True)
    target_id = models.CharField("n° de l’objet", max_length=60, blank=True)
    persons = models.PositiveIntegerField("personnes", default=0)
    refused = models.CharField("motif de refus", max_length=200, blank=True)
    request_id = models.CharField("requête", max_length=32, blank=True)
    ip = models.GenericIPAddressField("adresse", null=True)
    agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("précisions", default=dict)

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"
