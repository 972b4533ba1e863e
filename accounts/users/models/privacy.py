"""Corrections and legal holds of an account (V11, V14)."""

from __future__ import annotations

from django.db import models

from accounts.users.account_texts import HistoryEntry
from accounts.users.models.keys import account_key
from accounts.users.models.users import User
from opus.lib.privacy.models import CorrectionBase, LegalHold


class AccountCorrection(CorrectionBase):
    """One corrected field of an account, erased with its name."""

    SUBJECT = "account"

    account = account_key("corrections")

    class Meta(CorrectionBase.Meta):
        verbose_name = "rectification d’un compte"
        verbose_name_plural = "rectifications de comptes"
        constraints = [
            models.UniqueConstraint(
                fields=["gesture", "field"],
                name="account_field_corrected_once_a_gesture",
            ),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")),
                name="account_correction_changes_something",
            ),
        ]

    def entry(self) -> HistoryEntry:
        """Return the field's history entry, without its value."""
        label = f"Rectification : {self.label}"
        return HistoryEntry(self.at, label, self.by, self.get_reason_display())


class AccountHold(LegalHold):
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
