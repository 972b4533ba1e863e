"""The exports that somebody asked for."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models.users import User
from opus.lib.exports import ExportBase
from opus.lib.making import FileState, MadeFileQuerySet


class AccountExportQuerySet(MadeFileQuerySet):
    def visible_to(self, user: User) -> Self:
        """One's own, for a day, without the file's bytes."""
        return self.of_account(user.pk)


class Export(ExportBase):
    """A file that a partner's member asked for: private, kept a day."""

    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="exports"
    )

    objects = AccountExportQuerySet.as_manager()

    class Meta(ExportBase.Meta):
        verbose_name = "export"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FileState.values), name="export_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=FileState.READY, content__isnull=False)
                | ~Q(state=FileState.READY) & Q(content__isnull=True),
                name="export_is_ready_with_its_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["attente", "en_cours"]),
                name="export_waiting",
            )
        ]
