"""Legal holds on closed accounts, for a lawsuit or a claim (V11)."""

from __future__ import annotations

from django.db import models

from accounts.users.models.users import User
from opus.lib.privacy.legal_holds import LegalHold


class AccountHold(LegalHold):
    """A legal hold on a closed account: name and addresses stay."""

    SUBJECT = "account"

    account = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name="compte",
        related_name="holds",
        editable=False,
    )

    class Meta(LegalHold.Meta):
        verbose_name = "conservation pour litige (compte)"
        verbose_name_plural = "conservations pour litige (comptes)"
