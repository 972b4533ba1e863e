import uuid
from collections.abc import Collection
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def about(self, target_type: str, target_id: str) -> Self:
        """Filter entries about an object, parts of other entries included."""
        itself = Q(target_type=target_type, target_id=target_id)
        return self.filter(itself | with_part(target=f"{target_type} {target_id}"))

    def concerning(self, persons: Collection[uuid.UUID]) -> Self:
        """Filter entries whose reader or author saw one of these persons."""
        found = Q(person_ids__overlap=list(persons))
        for person in persons:
            found |= with_part(persons=[str(person)])
        return self.filter(found)

    def telling(self, action: str) -> Self:
        return self.filter(Q(action=action) | with_part(action=action))


def with_part(**part: str | list[str]) -> Q:
    return Q(details__has_key="parts", details__parts__contains=[part])


class AuditEntry(models.Model):
    """One journal entry, from ``opus.lib.audit.journal.record`` only; key: (id, at)."""

    at = models.DateTimeField("le", db_default=Now())
    actor_id = models.BigIntegerField("compte n°", null=True)
    actor = models.CharField("identifiant", max_length=40, blank=True)
    role = models.CharField("rôle", max_length=20, blank=True)
    structure_id = models.BigIntegerField("structure n°", null=True)
    action = models.CharField("action", max_length=40)
    target_type = models.CharField("objet", max_length=60, blank=True)
    target_id = models.CharField("n° de l’objet", max_length=60, blank=True)
    persons = models.PositiveIntegerField("candidats", default=0)
    # Numbers of the candidates, and of those far from the structure.
    person_ids = ArrayField(models.UUIDField(), default=list)
    far_ids = ArrayField(models.UUIDField(), default=list)
    # A random name that distinguishes sessions and opens none.
    session = models.CharField("session", max_length=16, blank=True)
    refused = models.CharField("motif de refus", max_length=200, blank=True)
    request_id = models.CharField("requête", max_length=32, blank=True)
    ip = models.GenericIPAddressField("adresse", null=True)
    agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("précisions", default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"
