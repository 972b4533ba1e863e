"""What opens Opus to a person beside the factors: the first secret, the charter."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models.users import CLEAR_LETTERS, User

# 20 letters of 25: 92 bits, in groups of five that one can read aloud (S9).
SECRET_LENGTH = 20


class FirstAccessQuerySet(models.QuerySet["FirstAccess"]):
    """Questions asked of sets of first accesses."""

    def open(self) -> Self:
        """Neither used nor replaced, though perhaps expired."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)

    def usable(self) -> Self:
        return self.open().filter(expires_at__gt=timezone.now())

    def revoke(self) -> None:
        self.open().update(revoked_at=timezone.now())


class FirstAccess(models.Model):
    """A single-use secret, handed over on a slip: it opens the choice of a password.

    Shown once, kept as an Argon2id hash, valid 72 hours (art. 4.2, S9).
    """

    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="first_accesses"
    )
    secret_hash = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField("créé le", db_default=Now())
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", null=True, related_name="+"
    )
    expires_at = models.DateTimeField("expire le")
    used_at = models.DateTimeField("utilisé le", null=True)
    revoked_at = models.DateTimeField("remplacé le", null=True)

    objects = FirstAccessQuerySet.as_manager()

    class Meta:
        verbose_name = "premier accès"
        verbose_name_plural = "premiers accès"
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_first_access",
            )
        ]

    def __str__(self) -> str:
        return f"premier accès de {self.account.identifier}"

    @classmethod
    def draw(cls, account: User, *, by: User | None) -> tuple[Self, str]:
        """A new secret, in place of an earlier one.

        Returns:
            The row, and the secret itself, which nothing keeps: show it once.
        """
        letters = get_random_string(SECRET_LENGTH, CLEAR_LETTERS)
        secret = "-".join(letters[n : n + 5] for n in range(0, SECRET_LENGTH, 5))
        account.first_accesses.revoke()
        access = cls.objects.create(
            account=account,
            secret_hash=make_password(letters),
            created_by=by,
            expires_at=timezone.now() + settings.FIRST_ACCESS_LASTS,
        )
        return access, secret

    def matches(self, secret: str) -> bool:
        """Whether this is the secret: case, spaces and dashes do not count."""
        letters = "".join(secret.split()).replace("-", "").upper()
        return check_password(letters, self.secret_hash)


class CharterAcceptance(models.Model):
    """Somebody accepted a version of the charter (art. 5.1 and 9)."""

    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="charters"
    )
    version = models.CharField("version", max_length=20)
    accepted_at = models.DateTimeField("acceptée le", db_default=Now())

    class Meta:
        verbose_name = "acceptation de la charte"
        verbose_name_plural = "acceptations de la charte"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "version"], name="one_acceptance_of_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} : version {self.version}"
