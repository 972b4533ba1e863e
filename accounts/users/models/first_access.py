"""The first secret, to choose a password (S9)."""

from __future__ import annotations

import base64
import secrets
from typing import Self

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from accounts.users.enums import CLEAR_LETTERS
from accounts.users.models.keys import account_key, person_key
from accounts.users.models.users import User
from opus.lib import french

# 20 letters of 25: 92 bits, in groups of five that one can read aloud (S9).
SECRET_LENGTH = 20


class IdentityCheck(models.TextChoices):
    """Ways of checking an identity, as codes (S10)."""

    IN_PERSON = "piece", "En personne, au vu d’une pièce d’identité"
    CALL_BACK = "rappel", "Par un rappel au numéro déjà connu de la structure"
    VIDEO = "video", "En visioconférence, au vu d’une pièce d’identité"


class AccessKind(models.TextChoices):
    """Ways in which the first secret reaches its holder."""

    SLIP = "fiche", "fiche remise par le RGC (art. 4.2)"
    LINK = "lien", "lien d’activation envoyé par courriel (art. 6)"


class FirstAccessQuerySet(models.QuerySet["FirstAccess"]):
    def slips(self) -> Self:
        return self.filter(kind=AccessKind.SLIP)

    def links(self) -> Self:
        return self.filter(kind=AccessKind.LINK)

    def open(self) -> Self:
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)

    def usable(self) -> Self:
        return self.open().filter(expires_at__gt=timezone.now())

    def revoke(self) -> None:
        self.open().update(revoked_at=timezone.now())


class FirstAccess(models.Model):
    """A single-use secret to choose a password (S9).

    An adviser's is shown once, on the slip that the RGC gives (art. 4.2); only its
    Argon2id hash is stored. An RGC's and the staff's is a link sent by e-mail (art. 6),
    stored nowhere: it is computed from the row's nonce and the server's key.
    """

    account = account_key("first_accesses", models.CASCADE)
    kind = models.CharField(
        "remise", max_length=10, choices=AccessKind, default=AccessKind.SLIP
    )
    secret_hash = models.CharField(max_length=200, blank=True, editable=False)
    nonce = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField("créé le", db_default=Now())
    created_by = person_key(null=True)
    # How the identity was checked, for a secret that replaces another (S10).
    check_done = models.CharField(
        "vérification d’identité",
        max_length=20,
        choices=IdentityCheck,
        blank=True,
        default="",
        db_default="",
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
            ),
            models.CheckConstraint(
                condition=Q(kind=AccessKind.SLIP, nonce="") & ~Q(secret_hash="")
                | Q(kind=AccessKind.LINK, secret_hash="") & ~Q(nonce=""),
                name="first_access_has_its_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"premier accès {french.of(self.account.identifier)}"

    @classmethod
    def draw(
        cls, account: User, *, by: User | None, check_done: str = ""
    ) -> tuple[Self, str]:
        """Replace any earlier secret; return row and secret, stored nowhere."""
        letters = get_random_string(SECRET_LENGTH, CLEAR_LETTERS)
        secret = "-".join(letters[n : n + 5] for n in range(0, SECRET_LENGTH, 5))
        digest = make_password(letters)
        return cls.replace(account, by, check_done, secret_hash=digest), secret

    @classmethod
    def draw_link(cls, account: User, *, by: User | None, check_done: str = "") -> Self:
        """Replace any earlier secret by an activation link."""
        nonce = secrets.token_urlsafe(24)
        return cls.replace(account, by, check_done, kind=AccessKind.LINK, nonce=nonce)

    @classmethod
    def replace(
        cls, account: User, by: User | None, check_done: str, **secret: str
    ) -> Self:
        account.first_accesses.revoke()
        return cls.objects.create(
            account=account,
            created_by=by,
            check_done=check_done,
            expires_at=timezone.now() + settings.FIRST_ACCESS_LASTS,
            **secret,
        )

    @classmethod
    def find_by_link(cls, token: str) -> Self | None:
        number, _, _ = token.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        access = (
            cls.objects.links()
            .usable()
            .filter(pk=number)
            .select_related("account__structure")
            .first()
        )
        if access is None or not constant_time_compare(access.token, token):
            return None
        return access

    @property
    def token(self) -> str:
        """Return the link's token: row, 256 bits of proof."""
        mac = salted_hmac(
            "accounts.FirstAccess", f"{self.pk}:{self.nonce}", algorithm="sha256"
        )
        proof = base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")
        return f"{self.pk}.{proof}"

    def matches(self, secret: str) -> bool:
        """Compare the secret; case, spaces and dashes do not count."""
        letters = "".join(secret.split()).replace("-", "").upper()
        return check_password(letters, self.secret_hash)
