from typing import Self

from django.db import models

from accounts.users.models import User, account_key
from opus.lib.background_files import OwnedFileQuerySet
from opus.lib.exports import ExportBase


class AccountExportQuerySet(OwnedFileQuerySet):
    def visible_to(self, user: User) -> Self:
        """Filter the user's own exports of a day, without bytes."""
        return self.of_account(user.pk)


class Export(ExportBase):
    """A private file that a member requested, kept a day."""

    account = account_key("exports", models.CASCADE)

    objects = AccountExportQuerySet.as_manager()

    class Meta(ExportBase.Meta):
        verbose_name = "export"
