"""A change of e-mail address: the former one is still notified for a while (S11)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.models.users import User


class AddressChange(models.Model):
    """The former address is kept while it is notified (``forget_former_addresses``)."""

    account = models.ForeignKey(
        User, models.PROTECT, verbose_name="compte", related_name="address_changes"
    )
    former = models.EmailField("adresse précédente", blank=True)
    at = models.DateTimeField("le", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par", related_name="+")

    class Meta:
        verbose_name = "changement d’adresse"
        verbose_name_plural = "changements d’adresse"
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"changement d’adresse n° {self.pk}"
