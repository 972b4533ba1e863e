"""Changes of e-mail address; the former one stays notified (S11)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.users.models.keys import account_key, person_key
from accounts.users.models.users import User


class AddressChange(models.Model):
    """A former address, kept while notified (``forget_former_addresses``)."""

    account = account_key("address_changes")
    former = models.EmailField("adresse précédente", blank=True)
    at = models.DateTimeField("le", db_default=Now())
    by = person_key()

    class Meta:
        verbose_name = "changement d’adresse"
        verbose_name_plural = "changements d’adresse"
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"changement d’adresse n° {self.pk}"


def recent_addresses(account: User) -> dict[int, str]:
    """Return addresses by ``AddressChange`` key; 0 is the first."""
    since = 0
    found: list[tuple[int, str]] = []
    limit = timezone.now() - settings.ACCOUNT_SAFETY.former_addresses
    for change in account.address_changes.order_by("pk"):
        if change.at >= limit:
            found.append((since, change.former))
        since = change.pk
    found.append((since, account.email))
    # One for each mailbox, the latest first.
    latest = {address.lower(): (number, address) for number, address in found}
    latest.pop("", None)
    return dict(sorted(latest.values(), reverse=True))


def address_since(account: User, change: int) -> str:
    """Return the address this change gave, even if changed again."""
    following = account.address_changes.filter(pk__gt=change).order_by("pk").first()
    return following.former if following else account.email


def new_address_until(account: User) -> dt.datetime | None:
    """Return until when its address counts as new (ADR 8)."""
    delay = settings.ACCOUNT_SAFETY.new_address
    recent = account.address_changes.filter(at__gt=timezone.now() - delay)
    last = recent.order_by("at").last()
    return last.at + delay if last else None
