from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.users.models.keys import person_key
from accounts.users.models.users import User
from opus.lib.background_files import LIVE, FileState, OwnedFileQuerySet
from opus.lib.database.states import MoveRefused
from opus.lib.exports import ExportBase
from opus.support.data_rights.models.requests import RightsRequest


def in_a_week() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=settings.PERSON_FILE_DAYS)


class PersonFile(ExportBase):
    """A sealed copy of data, downloaded once (V13, S17)."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="files"
    )
    asked_by = person_key("demandé par")
    expires_at = models.DateTimeField("gardé jusqu’au", default=in_a_week)
    taken_at = models.DateTimeField("téléchargé le", null=True, editable=False)
    taken_by = person_key("téléchargé par", null=True, editable=False)

    objects = OwnedFileQuerySet.as_manager()

    class Meta(ExportBase.Meta):
        verbose_name = "copie des données d’une personne"
        verbose_name_plural = "copies des données d’une personne"
        constraints = [
            *ExportBase.Meta.constraints,
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="person_file_went_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=LIVE),
                name="one_person_file_at_a_time",
                violation_error_message="Une copie est déjà en préparation ou prête "
                "pour cette demande.",
            ),
        ]

    @property
    def standing(self) -> str:
        if self.taken_at:
            return f"téléchargée par {self.taken_by}, puis supprimée"
        if self.is_ready:
            return "prête : un seul téléchargement"
        return str(self.get_state_display())

    def download(self, *, by: User) -> bytes:
        """Return and delete the bytes, else raise MoveRefused."""
        rows = type(self).objects.kept().select_for_update()
        held = rows.filter(pk=self.pk, state=FileState.READY).first()
        if held is None:
            raise MoveRefused(
                "Cette copie n’est plus là : elle se télécharge une seule fois, et "
                "s’efface après sept jours. Préparez-en une autre."
            )
        content = bytes(held.content or b"")
        held.content, held.size, held.state = None, None, FileState.CANCELLED
        held.taken_by, held.taken_at = by, timezone.now()
        held.save(update_fields=["content", "size", "state", "taken_at", "taken_by"])
        return content
