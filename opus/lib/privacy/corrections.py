"""Corrected data with former values (GDPR 16, 19; V14)."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from opus.lib.privacy.personal_data import Person


class CorrectionReason(models.TextChoices):
    """Coded, so that staff write nothing about the person."""

    MISTAKE = "erreur", "erreur de saisie"
    CHANGE = "changement", "changement de situation"
    REQUESTED = "demande", "à la demande de la personne (art. 10)"


class CorrectionBase(models.Model):
    # The foreign key to the person; ``Person`` has its plural.
    SUBJECT: ClassVar[str]

    gesture = models.UUIDField("geste", default=uuid.uuid4, editable=False)
    field = models.CharField("donnée", max_length=40)
    before = models.CharField("avant", max_length=254, blank=True)
    after = models.CharField("après", max_length=254, blank=True)
    reason = models.CharField("motif", max_length=20, choices=CorrectionReason)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+"
    )
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        abstract = True
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"rectification n° {self.pk}"

    @property
    def label(self) -> str:
        subject: Any = self._meta.get_field(self.SUBJECT).related_model
        return str(subject._meta.get_field(self.field).verbose_name)

    @classmethod
    def keep(
        cls, subject: models.Model, before: Mapping[str, str], *, by: Any, reason: str
    ) -> uuid.UUID | None:
        """Store former values; return the correction's key, if any."""
        if not before:
            return None
        gesture = uuid.uuid4()
        cls._base_manager.bulk_create(
            cls(
                gesture=gesture,
                field=name,
                before=said,
                after=getattr(subject, name),
                reason=reason,
                by=by,
                **{cls.SUBJECT: subject},
            )
            for name, said in before.items()
        )
        return gesture


def corrections_of(person: Person) -> list[CorrectionBase]:
    rows: list[CorrectionBase] = []
    for model in CorrectionBase.__subclasses__():
        numbers = getattr(person, f"{model.SUBJECT}s")
        if numbers:
            mine = model._base_manager.filter(**{f"{model.SUBJECT}__in": numbers})
            rows += mine.select_related("by")
    return sorted(rows, key=lambda row: (row.at, row.pk))
