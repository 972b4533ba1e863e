"""Sessions that an account's holder sees and closes (S15, S16)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.signin import user_agents
from accounts.users.models.keys import account_key
from accounts.users.models.users import User
from opus.lib import french
from opus.lib.dates import in_paris


class SessionEnd(models.TextChoices):
    SIGNED_OUT = "deconnexion", "déconnexion"
    LAPSED = "delai", "délai dépassé"
    REPLACED = "remplacee", "nouvelle connexion sur le même appareil"
    CAPPED = "plafond", "plus de deux sessions à la fois"
    CLOSED = "fermee", "fermée par le titulaire"
    BY_STAFF = "france_travail", "fermée par France Travail"
    CUT = "coupee", "mot de passe, second facteur ou compte changé"


def limits_of(account: User) -> tuple[dt.timedelta, dt.timedelta]:
    """Return the idle and absolute limits of its sessions (S13)."""
    if account.is_staff:
        return settings.SESSION_IDLE_STAFF, settings.SESSION_ABSOLUTE_STAFF
    return settings.SESSION_IDLE, settings.SESSION_ABSOLUTE


class OpenSessionQuerySet(models.QuerySet["OpenSession"]):
    def unended(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def live_of(self, account: User) -> Self:
        """Filter sessions that still open: a predicate, like the gates."""
        if not account.is_active:
            return self.none()
        now = timezone.now()
        idle, whole = limits_of(account)
        return self.unended().filter(
            account=account,
            stamp=account.get_session_auth_hash(),
            seen_at__gte=now - idle,
            began_at__gte=now - whole,
        )

    def lapsed(self) -> Self:
        return self.unended().filter(
            began_at__lt=timezone.now() - settings.SESSION_ABSOLUTE
        )

    def at_term(self) -> Self:
        """Filter sessions that ended too long ago for any page."""
        return self.filter(ended_at__lt=timezone.now() - settings.SESSION_REMEMBERED)

    @transaction.atomic
    def end(self, how: SessionEnd) -> int:
        rows = self.unended().select_for_update(no_key=True).order_by("pk")
        hashes = list(rows.values_list("key_hash", flat=True))
        Session.objects.filter(session_key__in=hashes).delete()
        self.model.objects.filter(key_hash__in=hashes).update(
            ended_at=timezone.now(), how=how
        )
        return len(hashes)


class OpenSession(models.Model):
    """A session opened by both factors, live or recently ended.

    It has the hash of Django's session key, never the key. An ended one stays some
    weeks: it records why it ended, and that this account used that device (S11).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = account_key("open_sessions", models.CASCADE)
    key_hash = models.CharField(max_length=40, unique=True, editable=False)
    # ``get_session_auth_hash`` of the account at the start: a change ends it (S14).
    stamp = models.CharField(max_length=64, editable=False)
    # HMAC of the device's name, which only its cookie contains.
    device = models.CharField(max_length=64, editable=False)
    browser = models.CharField("navigateur", max_length=60)
    network = models.CharField("réseau", max_length=43, blank=True)
    began_at = models.DateTimeField("ouverte le")
    seen_at = models.DateTimeField("dernière utilisation")
    ended_at = models.DateTimeField("fermée le", null=True)
    how = models.CharField("fin", max_length=20, choices=SessionEnd, blank=True)
    # The last form that acted, as a digest, and its redirect (``RepeatMiddleware``).
    last_form = models.CharField(
        max_length=64, blank=True, db_default="", editable=False
    )
    last_answer = models.CharField(
        max_length=2000, blank=True, db_default="", editable=False
    )
    last_form_at = models.DateTimeField(null=True, editable=False)

    objects = OpenSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        verbose_name_plural = "sessions"
        ordering = ("-seen_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, how="")
                | Q(ended_at__isnull=False, how__in=SessionEnd.values),
                name="ended_session_says_how",
            )
        ]
        indexes = [
            models.Index(fields=["account", "device"], name="session_of_device"),
            models.Index(fields=["seen_at"], name="session_last_use"),
        ]

    def __str__(self) -> str:
        return f"session {french.of(self.account.identifier)}"

    @property
    def short_network(self) -> str:
        return user_agents.short(self.network)


class ProvedNetworkQuerySet(models.QuerySet["ProvedNetwork"]):
    def habits(self, day: dt.date) -> Self:
        """Filter networks that ask no second factor on that day."""
        return self.filter(proved_at__gte=since(day))

    def at_term(self) -> Self:
        return self.filter(proved_at__lt=since(timezone.localdate()))


def since(day: dt.date) -> dt.datetime:
    return in_paris(day, dt.time()) - settings.DETECTION.habits_of


class ProvedNetwork(models.Model):
    """A /16, or a /32 in IPv6, where an account proved a factor.

    Only a proof writes it: a copied cookie makes no habit of its thief's network.
    """

    account = account_key("proved_networks", models.CASCADE)
    network = models.CharField("réseau", max_length=43, blank=True)
    proved_at = models.DateTimeField("second facteur donné le")

    objects = ProvedNetworkQuerySet.as_manager()

    class Meta:
        verbose_name = "réseau habituel"
        verbose_name_plural = "réseaux habituels"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "network"], name="one_row_for_each_network"
            )
        ]

    def __str__(self) -> str:
        return f"réseau {user_agents.short(self.network)}"
