"""Sign-in: factors, sessions, counters, the charter, changes of access (S2-S16)."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
import uuid
from typing import Any, ClassVar, Self
from urllib.parse import quote

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.util import random_hex
from django_otp_webauthn.models import AbstractWebAuthnCredential

from accounts.signin import user_agents
from accounts.users.account_texts import HistoryEntry
from accounts.users.models import (
    AddressChange,
    IdentityCheck,
    User,
    account_key,
    person_key,
)
from opus.lib import french
from opus.lib.database.queries import planned_rows
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)
from opus.lib.dates import in_paris
from opus.lib.text_guard.fields import GuardedCharField


class CharterAcceptance(models.Model):
    account = account_key("charters", models.CASCADE)
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


# --- Second factors: passkeys, authenticator applications, backup codes (S2) ----------
# At rest (S3): a passkey's row has its *public* key; an application's key is encrypted,
# a backup code is a keyed hash, both under ``OTP_KEYS``, outside the database. A dump
# of these tables gives access to nothing.

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


# --- Resets of lost second factors, in steps (S10) ------------------------------------
RESET_SIGNER = TimestampSigner(salt="accounts.FactorReset")


class ResetState(models.TextChoices):
    REQUESTED = "demandee", "demandée"
    CONFIRMED = "confirmee", "confirmée par une seconde personne"
    DONE = "faite", "faite"
    STOPPED = "arretee", "arrêtée"
    LAPSED = "perimee", "périmée"


OPEN_STATES = (ResetState.REQUESTED, ResetState.CONFIRMED)
ENDED_STATES: set[str] = {ResetState.DONE, ResetState.STOPPED, ResetState.LAPSED}


class LossReason(models.TextChoices):
    """A code, never text about the person."""

    LOST = "perte", "Téléphone ou clé perdus"
    STOLEN = "vol", "Téléphone ou clé volés"
    BROKEN = "panne", "Appareil en panne ou remplacé"
    SEEN = "vu", "Codes vus par quelqu’un d’autre"


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def open(self) -> Self:
        """Filter resets neither finished nor expired: no job is needed."""
        return self.filter(state__in=OPEN_STATES, lapses_at__gt=timezone.now())

    def to_confirm(self) -> Self:
        return self.open().filter(state=ResetState.REQUESTED, four_eyes=True)


class FactorReset(Stateful):
    """Factors to delete, with a new first access, after notice.

    Nothing changes before ``ready_at``, a day later; a link of the notice stops it.
    After ``lapses_at`` it must be requested again.
    """

    MOVES = {
        ResetState.REQUESTED: {ResetState.CONFIRMED, *ENDED_STATES},
        ResetState.CONFIRMED: ENDED_STATES,
    }

    account = account_key("factor_resets", models.CASCADE)
    state = state_field(ResetState.REQUESTED)
    check_done = models.CharField(
        "vérification d’identité", max_length=20, choices=IdentityCheck
    )
    reason = models.CharField("motif", max_length=20, choices=LossReason)
    # Two members of staff are required for all but an adviser's account.
    four_eyes = models.BooleanField("deux personnes")
    asked_by = person_key("demandée par")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    confirmed_by = person_key("confirmée par", null=True)
    ready_at = models.DateTimeField("possible à partir du")
    lapses_at = models.DateTimeField("périmée le")
    done_at = models.DateTimeField("faite le", null=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        verbose_name = "remise à zéro des seconds facteurs"
        verbose_name_plural = "remises à zéro des seconds facteurs"
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_factor_reset",
                violation_error_message="Une remise à zéro est déjà demandée.",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("account"))
                & (Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("account"))),
                name="nobody_resets_his_own_factors",
                violation_error_message="Personne ne remet à zéro ses propres "
                "seconds facteurs.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="factor_reset_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé "
                "la remise à zéro doit la confirmer.",
            ),
            models.CheckConstraint(
                condition=~Q(state=ResetState.DONE, four_eyes=True)
                | Q(confirmed_by__isnull=False),
                name="factor_reset_confirmed_before_done",
                violation_error_message="Une seconde personne doit d’abord confirmer.",
            ),
            models.CheckConstraint(
                condition=~Q(state=ResetState.DONE)
                | Q(done_at__isnull=False, done_at__gte=F("ready_at")),
                name="factor_reset_after_its_notice",
                violation_error_message="La personne est prévenue 24 heures avant.",
            ),
            known(ResetState, "factor_reset_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"remise à zéro {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN_STATES or self.lapses_at <= timezone.now()

    @property
    def must_be_confirmed(self) -> bool:
        return self.four_eyes and self.state == ResetState.REQUESTED

    @property
    def is_ready(self) -> bool:
        return not (
            self.is_over or self.must_be_confirmed or self.ready_at > timezone.now()
        )

    @property
    def stop_token(self) -> str:
        """Return the notice's token: it can only stop this reset."""
        return RESET_SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> FactorReset:
        """Find by the link; raise DoesNotExist if invalid."""
        try:
            pk = RESET_SIGNER.unsign(token, max_age=settings.FACTOR_RESET_LASTS)
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.select_related("account").get(pk=pk)

    def confirm(self, *, by: User) -> None:
        """Confirm; raise MoveRefused for requester, holder, or too late."""
        if by.pk in {self.asked_by_id, self.account_id}:
            raise MoveRefused(
                "Une autre personne que celle qui a demandé la remise à zéro doit la "
                "confirmer, et jamais le titulaire du compte."
            )
        if self.is_over:
            raise MoveRefused(OVER)
        self.move_to(ResetState.CONFIRMED, by=by, confirmed_by=by)

    def finish(self, *, by: User) -> None:
        """Finish; raise MoveRefused if early, late or not confirmed."""
        if by.pk == self.account_id:
            raise MoveRefused("Personne ne remet à zéro ses propres seconds facteurs.")
        if not self.is_ready:
            raise MoveRefused(OVER if self.is_over else NOT_YET)
        self.move_to(ResetState.DONE, by=by, done_at=timezone.now())

    def stop(self, *, by: User | None) -> None:
        self.move_to(ResetState.STOPPED, by=by)


OVER = (
    "Cette demande n’est plus en cours : elle a été faite, arrêtée, ou son délai est "
    "passé. S’il le faut, faites-en une autre."
)
NOT_YET = (
    "La remise à zéro n’est pas encore possible : la personne est prévenue 24 heures "
    "avant, et pour un RGC ou un agent une seconde personne doit confirmer."
)


class FactorResetStep(Step):
    reset = step_key(FactorReset, "demande")

    class Meta(Step.Meta):
        verbose_name = "étape d’une remise à zéro"
        verbose_name_plural = "étapes d’une remise à zéro"

    @property
    def label(self) -> str:
        return RESET_LABELS[ResetState(self.target)]


RESET_LABELS = {
    ResetState.REQUESTED: "Remise à zéro des seconds facteurs demandée",
    ResetState.CONFIRMED: "Remise à zéro confirmée par une seconde personne",
    ResetState.DONE: "Seconds facteurs remis à zéro",
    ResetState.STOPPED: "Remise à zéro arrêtée",
    ResetState.LAPSED: "Remise à zéro périmée",
}


# --- Changes of access, which the holder may stop (S11) -------------------------------
EVENT_SIGNER = TimestampSigner(salt="accounts.SecurityEvent")


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
        return EVENT_SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> SecurityEvent:
        """Find by the link; raise LinkExpired or DoesNotExist."""
        try:
            pk = EVENT_SIGNER.unsign(token, max_age=settings.ACCOUNT_SAFETY.stop_link)
        except SignatureExpired as error:
            raise LinkExpired from error
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.select_related("account").get(pk=pk)

    def entry(self) -> HistoryEntry:
        label = "Compte mis en sécurité par le lien d’un courriel"
        at = self.stopped_at or self.at
        return HistoryEntry(at, label, None, self.get_kind_display())


# --- Sessions that an account's holder sees and closes (S15, S16) ---------------------
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


class Throttle(models.Model):
    """Tries of one HMAC: passwords get typed as identifiers."""

    key = models.CharField(max_length=80, primary_key=True)
    tries = ArrayField(models.DateTimeField(), default=list)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {len(self.tries)} essais"


# One statement: each search page runs it, and the row stays locked meanwhile.
ADD_USES = """
INSERT INTO accounts_usage AS held (key, counts, expires_at)
SELECT %(key)s, jsonb_build_object(%(slot)s::text, %(amount)s::int), %(expires_at)s
FROM set_config(
    'synchronous_commit',
    CASE WHEN %(lasts)s THEN current_setting('synchronous_commit') ELSE 'off' END,
    true
)
WHERE %(limit)s::int IS NULL OR %(amount)s <= %(limit)s
ON CONFLICT (key) DO UPDATE SET
    expires_at = EXCLUDED.expires_at,
    counts = (
        SELECT jsonb_object_agg(slot, uses) FROM (
            SELECT slot, sum(uses) AS uses FROM (
                SELECT key AS slot, value::int AS uses FROM jsonb_each_text(held.counts)
                WHERE key::bigint >= %(oldest)s
                UNION ALL SELECT %(slot)s::text, %(amount)s
            ) AS old_and_new GROUP BY slot
        ) AS by_slot
    )
WHERE %(limit)s::int IS NULL OR %(limit)s >= %(amount)s + (
    SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(held.counts)
    WHERE key::bigint >= %(oldest)s
)
RETURNING counts
"""


class UsageManager(models.Manager["Usage"]):
    def add(self, **values: Any) -> int | None:
        """Return the uses since; None above the limit.

        ``values``: the parameters of ``ADD_USES``; ``lasts``: wait for the disk.
        """
        rows = planned_rows(ADD_USES, values)
        return sum(json.loads(rows[0][0]).values()) if rows else None


class Usage(models.Model):
    """Recent uses of one account, by slot of time."""

    key = models.CharField(max_length=80, primary_key=True)
    counts = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsageManager()

    class Meta:
        verbose_name = "compteur d’usages"
        verbose_name_plural = "compteurs d’usages"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {sum(self.counts.values())} usages"
