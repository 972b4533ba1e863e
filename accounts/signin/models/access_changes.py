"""Changes of access, which the holder may stop (S11)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.users.account_texts import HistoryEntry
from accounts.users.models.addresses import AddressChange
from accounts.users.models.keys import account_key, person_key
from opus.lib.database.states import known

SIGNER = TimestampSigner(salt="accounts.SecurityEvent")


class SecurityEventKind(models.TextChoices):
    ADDRESS = "adresse", "adresse de courriel changée"
    FACTOR_ADDED = "facteur_ajoute", "second facteur ajouté"
    FACTOR_REMOVED = "facteur_supprime", "second facteur supprimé"
    BACKUP_CODES = "codes", "codes de secours renouvelés"
    FACTORS_RESET = "remise_a_zero", "seconds facteurs remis à zéro"
    FIRST_ACCESS = "premier_acces", "nouveau premier accès préparé"
    PASSWORD = "mot_de_passe", "mot de passe changé"
    RESET_LINK = "lien", "lien pour changer de mot de passe demandé"


class LinkExpired(Exception):
    pass


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    def unsettled(self) -> Self:
        """Filter those the holder stopped, without a reactivation since."""
        return self.filter(stopped_at__isnull=False, settled_at__isnull=True)

    def settle(self) -> None:
        """Record that the account was checked and reactivated."""
        self.unsettled().update(settled_at=timezone.now())


class SecurityEvent(models.Model):
    """A change of access, with its notices' stop link."""

    account = account_key("security_events")
    kind = models.CharField("nature", max_length=20, choices=SecurityEventKind)
    by = person_key(null=True)
    at = models.DateTimeField("le", default=timezone.now)
    address_change = models.OneToOneField(
        AddressChange, models.PROTECT, verbose_name="changement d’adresse", null=True
    )
    stopped_at = models.DateTimeField("arrêté par le titulaire le", null=True)
    settled_at = models.DateTimeField("compte réactivé le", null=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        verbose_name = "changement d’accès"
        verbose_name_plural = "changements d’accès"
        ordering = ("at", "pk")
        constraints = [
            known(SecurityEventKind, "security_event_kind_is_known", "kind"),
            models.CheckConstraint(
                condition=Q(kind=SecurityEventKind.ADDRESS)
                | Q(address_change__isnull=True),
                name="security_event_has_its_address_change",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(stopped_at__isnull=False),
                name="security_event_settled_after_its_stop",
            ),
        ]

    def __str__(self) -> str:
        return f"changement d’accès n° {self.pk}"

    @property
    def stop_token(self) -> str:
        """Return the token, which can only suspend this account."""
        return SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> Self:
        """Find by the link; raise LinkExpired or DoesNotExist."""
        try:
            pk = SIGNER.unsign(token, max_age=settings.ACCOUNT_SAFETY.stop_link)
        except SignatureExpired as error:
            raise LinkExpired from error
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.select_related("account").get(pk=pk)

    def entry(self) -> HistoryEntry:
        label = "Compte mis en sécurité par le lien d’un courriel"
        at = self.stopped_at or self.at
        return HistoryEntry(at, label, None, self.get_kind_display())
