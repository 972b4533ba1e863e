"""Second factors: passkeys, authenticator applications, backup codes (S2).

At rest (S3): a passkey's row has its *public* key; an application's key is encrypted, a
backup code is a keyed hash, both under ``OTP_KEYS``, which are outside the database. A
dump of these tables gives access to nothing.
"""

from __future__ import annotations

import base64
import time
import uuid
from typing import ClassVar, Self
from urllib.parse import quote

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.util import random_hex
from django_otp_webauthn.models import AbstractWebAuthnCredential

from accounts.users.models.users import User
from opus.lib.text_guard.fields import GuardedCharField

BACKUP_CODES = 10
# 16 digits: 53 bits, on the keypad of a telephone.
BACKUP_LENGTH = 16
DIGITS = "0123456789"


class Factor(models.Model):
    """Abstract strong factor, with a random number for its URL."""

    KIND: ClassVar[str]

    # Number used in URLs (S3, S20).
    public_id = models.UUIDField(
        default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False
    )

    # The library's own field, guarded.
    name = GuardedCharField(
        max_length=64, help_text="The human-readable name of this device."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Passkey(Factor, AbstractWebAuthnCredential):  # type: ignore[django-manager-missing]
    """A passkey verifies its holder: both factors at once (S2)."""

    KIND = "Clé d’accès"

    class Meta:
        verbose_name = "clé d’accès"
        verbose_name_plural = "clés d’accès"
        # The unique constraint already has the index that the library adds.
        indexes: ClassVar[list[models.Index]] = []
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_passkey_by_that_name",
                violation_error_message="Vous avez déjà une clé d’accès de ce nom.",
            )
        ]

    @classmethod
    def get_by_credential_id(cls, credential_id: bytes) -> Passkey:
        """Return the passkey, locked: one request moves its counter."""
        digest = cls.get_credential_id_sha256(credential_id)
        return cls.objects.select_for_update(no_key=True).get(
            credential_id_sha256=digest
        )


class TotpDevice(Factor, Device):  # type: ignore[django-manager-missing]
    """Its key is encrypted, unlike django-otp's own device (S3)."""

    KIND = "Application d’authentification"
    STEP = 30  # seconds
    TOLERANCE = 1  # steps before and after

    sealed_key = models.BinaryField(editable=False)
    # The last accepted step: a code works once.
    last_t = models.BigIntegerField(default=-1, editable=False)
    created_at = models.DateTimeField("enregistré le", db_default=Now())
    last_used_at = models.DateTimeField("dernière utilisation", null=True)

    class Meta:
        verbose_name = "application d’authentification"
        verbose_name_plural = "applications d’authentification"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_factor_by_that_name",
                violation_error_message="Vous avez déjà une application de ce nom.",
            )
        ]

    @staticmethod
    def vault() -> MultiFernet:
        """Return the encryption keys, newest first; older ones still decrypt."""
        return MultiFernet([Fernet(key) for key in settings.OTP_KEYS])

    @classmethod
    def prepare(cls, user: User) -> Self:
        """Create an unconfirmed device, which replaces an unfinished one."""
        cls.objects.filter(user=user, confirmed=False).delete()
        return cls.objects.create(
            user=user,
            name=f"application {random_hex(3)}",
            confirmed=False,
            sealed_key=cls.vault().encrypt(bytes.fromhex(random_hex(20))),
        )

    @property
    def address(self) -> str:
        label = quote(f"Opus:{self.user.identifier}")
        return f"otpauth://totp/{label}?secret={self.readable_key}&issuer=Opus"

    @property
    def readable_key(self) -> str:
        return base64.b32encode(self.key).decode()

    @property
    def key(self) -> bytes:
        return self.vault().decrypt(bytes(self.sealed_key))

    def make_totp(self) -> TOTP:
        totp = TOTP(self.key, self.STEP)
        totp.time = time.time()
        return totp

    def current_token(self) -> str:
        """Return an unused code, for demonstrations."""
        totp = self.make_totp()
        if totp.t() == self.last_t:
            totp.drift = 1
        return f"{totp.token():06d}"

    @transaction.atomic
    def verify_token(self, token: str) -> bool:
        """Use a code under lock, so that it works once."""
        device = type(self).objects.select_for_update(no_key=True).get(pk=self.pk)
        digits = "".join(token.split())
        if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
            return False
        totp = device.make_totp()
        if not totp.verify(int(digits), self.TOLERANCE, device.last_t + 1):
            return False
        self.last_t = totp.t()
        self.last_used_at = timezone.now()
        self.save(update_fields=["last_t", "last_used_at"])
        return True


class BackupCodeSet(Device):
    """Single-use codes (S2); the row stays, to verify sessions."""

    KIND = "Code de secours"

    drawn_at = models.DateTimeField("tirés le", default=timezone.now)

    class Meta:
        verbose_name = "codes de secours"
        verbose_name_plural = "codes de secours"
        constraints = [
            models.UniqueConstraint(fields=["user"], name="one_backup_code_set")
        ]

    @classmethod
    @transaction.atomic
    def draw(cls, user: User) -> list[str]:
        """Replace the codes; return ten new ones, stored nowhere."""
        backup, _ = cls.objects.update_or_create(
            user=user, defaults={"name": "codes de secours", "drawn_at": timezone.now()}
        )
        backup.codes.all().delete()
        codes = [get_random_string(BACKUP_LENGTH, DIGITS) for _ in range(BACKUP_CODES)]
        BackupCode.objects.bulk_create(
            BackupCode(code_set=backup, digest=backup.digests(code)[0])
            for code in codes
        )
        return codes

    def spend(self, code: str) -> bool:
        """Use a code in one statement: it works once."""
        found = self.codes.filter(used_at=None, digest__in=self.digests(code))
        return found.update(used_at=timezone.now()) == 1

    @property
    def left(self) -> int:
        return self.codes.filter(used_at=None).count()

    def digests(self, code: str) -> list[str]:
        """Return the code's hash under each key, newest first.

        A keyed hash, not a slow one: ten slow hashes a try would let a stranger load
        our processors, and 53 bits with a key outside the dump cannot be guessed (S3).
        """
        return [
            salted_hmac(
                "accounts.BackupCode",
                f"{self.user_id}:{code}",
                secret=key,
                algorithm="sha256",
            ).hexdigest()
            for key in settings.OTP_KEYS
        ]


class BackupCode(models.Model):
    code_set = models.ForeignKey(
        BackupCodeSet, models.CASCADE, verbose_name="feuille", related_name="codes"
    )
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField("utilisé le", null=True, editable=False)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        constraints = [
            models.UniqueConstraint(
                fields=["code_set", "digest"], name="one_backup_code_a_digest"
            )
        ]

    def __str__(self) -> str:
        return f"code de secours {self.pk}"
