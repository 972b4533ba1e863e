"""Accounts: who signs in (art. 5.1), absences, first secrets, what was corrected."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import unicodedata
import uuid
from typing import Any, Self

from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import (
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Lower, Now, Replace, Upper
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from accounts.enums import Service
from accounts.structures.models import OF_STAFF, Agency, AgencyKind, Structure
from accounts.users.enums import (
    CLEAR_LETTERS,
    COUNTED_STATES,
    PARTNER_ROLES,
    REASON_LABELS,
    STAFF_ROLES,
    STRONG_FACTORS,
    Role,
    UserState,
)
from accounts.users.permissions import staff_may
from opus.lib import french
from opus.lib.database.name_order import ByName
from opus.lib.database.states import MoveRefused, Stateful, Step, known, state_field
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, days_from, days_within, past_months
from opus.lib.forms.fields import NOT_WHOLE, phone_field, phones_written, shows_whole
from opus.lib.privacy.models import CorrectionBase, LegalHold
from opus.lib.text_guard.fields import GuardedCharField, GuardedNameField

# As it is read: case and hyphens do not count (``compact``).
COMPACT = Upper(Replace("identifier", Value("-"), Value("")))
DASHES = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"))


def compact(typed: str) -> str:
    """Return a typed identifier without case, spaces and hyphens."""
    joined = "".join(unicodedata.normalize("NFKC", typed).split())
    return joined.translate(DASHES).casefold().upper()


def offices_today() -> models.QuerySet[Any]:
    """Return the offices under the conventions in force (art. 4.1)."""
    in_force = apps.get_model("accounts", "Convention").objects.in_force()
    offices = apps.get_model("accounts", "Nomination").objects.in_office()
    return offices.filter(convention__in=in_force)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return User.objects.named(username or "").get()

    def draw_identifier(self, structure: Structure | None) -> str:
        """Return a new identifier: ``IDA-7K2F``, ``FT-7K2F`` for staff."""
        prefix = structure.given_prefix() if structure else OF_STAFF
        while True:
            identifier = f"{prefix}-{get_random_string(4, CLEAR_LETTERS)}"
            if not User.objects.named(identifier).exists():
                return identifier


class UserQuerySet(models.QuerySet["User"]):
    def named(self, typed: str) -> Self:
        """Filter the account of an identifier, however it is typed."""
        return self.alias(compact=COMPACT).filter(compact=compact(typed))

    def counted(self) -> Self:
        """Filter the accounts in the quota: advisers, not the RGC."""
        return self.filter(role=Role.ADVISER, state__in=COUNTED_STATES)

    def administrators(self) -> Self:
        return self.filter(role=Role.FT_ADMIN, state__in=COUNTED_STATES)

    def of_partner(self, structure: Structure) -> Self:
        return self.filter(structure=structure, role__in=PARTNER_ROLES)

    def administered_by(self, rgc: User) -> Self:
        """Filter advisers of the RGC's structure, without any RGC (4.1)."""
        return self.filter(structure=rgc.structure_id, role=Role.ADVISER)

    def former_rgcs(self, structure_id: int | None) -> Self:
        """Filter the structure's RGCs without an office, even closed."""
        return self.filter(role=Role.RGC, structure=structure_id).exclude(
            nominations__in=offices_today()
        )

    def rgc_of(self, structure_id: int | None) -> Self:
        """Filter the structure's RGC in office (art. 4.1)."""
        return self.filter(
            role=Role.RGC,
            structure=structure_id,
            state__in=COUNTED_STATES,
            nominations__in=offices_today(),
        )

    def unused_since(self, day: dt.date) -> Self:
        """Filter partners' open accounts unused after that day (art. 4.2)."""
        return self.annotate(
            used_at=Greatest(Coalesce("last_login", "created_at"), "clock_restarted_at")
        ).filter(
            role__in=PARTNER_ROLES, state__in=COUNTED_STATES, used_at__date__lte=day
        )

    def at_term(self) -> Self:
        """Filter those closed past retention (V9), without legal holds (V11)."""
        limit = past_months(settings.KEPT.account)
        steps = AccountStep.objects.filter(account=OuterRef("pk"), at__gte=limit)
        return self.filter(
            ~Exists(steps),
            state=UserState.CLOSED,
            created_at__lt=limit,
            erased_at__isnull=True,
        )

    def with_factor(self) -> Self:
        has_passkey, has_application = (
            Exists(
                apps.get_model("accounts", kind).objects.filter(
                    user=OuterRef("pk"), confirmed=True
                )
            )
            for kind in STRONG_FACTORS
        )
        return self.annotate(
            has_passkey=has_passkey,
            has_application=has_application,
            has_factor=ExpressionWrapper(
                has_passkey | has_application, models.BooleanField()
            ),
        )

    def with_open_access(self) -> Self:
        """Annotate ``access_until``: when its unused slip expires."""
        accesses = apps.get_model("accounts", "FirstAccess").objects.open()
        until = accesses.filter(account=OuterRef("pk")).values("expires_at")[:1]
        return self.annotate(access_until=Subquery(until))


class User(Versioned, Stateful, AbstractBaseUser):  # type: ignore[django-manager-missing]
    """An adviser, an RGC, or France Travail's staff."""

    MOVES = {
        UserState.CREATED: {UserState.ACTIVE, UserState.SUSPENDED, UserState.CLOSED},
        UserState.ACTIVE: {UserState.SUSPENDED, UserState.CLOSED},
        UserState.SUSPENDED: {UserState.CREATED, UserState.ACTIVE, UserState.CLOSED},
    }

    USERNAME_FIELD = "identifier"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    identifier = models.CharField("identifiant", max_length=40, editable=False)
    # Number used in URLs: it reveals nothing and cannot be guessed (S20, V17).
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = state_field(UserState.CREATED)
    role = models.CharField("rôle", max_length=20, choices=Role)
    structure = models.ForeignKey(
        Structure,
        models.PROTECT,
        verbose_name="structure",
        null=True,
        blank=True,
        related_name="users",
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        verbose_name="agence",
        null=True,
        blank=True,
        related_name="agents",
    )
    first_name = GuardedNameField("prénom", max_length=60)
    last_name = GuardedNameField("nom", max_length=60)
    email = models.EmailField("courriel")
    phone = phone_field("téléphone")
    function = GuardedCharField("fonction", max_length=80, blank=True)
    created_at = models.DateTimeField("créé le", db_default=Now(), editable=False)
    # A reactivation restarts the absence clock without a sign-in.
    clock_restarted_at = models.DateTimeField(
        "absence comptée à partir du", null=True, editable=False
    )
    # When its name and addresses were erased (V9); its identifier stays.
    erased_at = models.DateTimeField("nom effacé le", null=True, editable=False)
    # Part of the session's key: changing it ends every session of the account (S14).
    session_salt = models.PositiveIntegerField(default=0, editable=False)

    # Of the agencies, about the acts that it follows: chosen in *Mon compte*.
    decision_emails = models.BooleanField(
        "décisions par courriel", default=True, db_default=True, editable=False
    )

    # On the user of a request: the session's factor; a network that is no habit.
    verified_by, is_elsewhere = "", False

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = "compte"
        ordering = (ByName("last_name"), ByName("first_name"))
        constraints = [
            phones_written("phone", name="phone_of_an_account"),
            models.UniqueConstraint(
                Lower("identifier"),
                name="identifier_of_one_person",
                violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
            ),
            models.UniqueConstraint(
                COMPACT,
                name="identifier_read_as_one_person",
                violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(state=UserState.CLOSED),
                name="email_of_one_person",
                violation_error_message="Un compte utilise déjà cette adresse de "
                "courriel.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=PARTNER_ROLES, structure__isnull=False)
                | Q(role=Role.AGENT, structure__isnull=True, agency__isnull=False)
                | Q(role=Role.FT_ADMIN, structure__isnull=True),
                name="role_fits_its_employer",
                violation_error_message="Un conseiller ou un RGC appartient à une "
                "structure, un agent à une agence.",
            ),
            models.CheckConstraint(
                condition=shows_whole("first_name", "last_name"),
                name="account_name_shows_whole",
                violation_error_message=NOT_WHOLE,
            ),
            known(UserState, "user_state_is_known"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    state=UserState.CLOSED,
                    first_name="",
                    last_name="",
                    email="",
                    phone="",
                    function="",
                ),
                name="erased_account_has_no_name",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        if self.erased_at:
            return f"Compte {self.identifier}"
        return f"{self.first_name} {self.last_name}"

    def is_verified(self) -> bool:
        return bool(self.verified_by)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.state in COUNTED_STATES

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def is_national(self) -> bool:
        return self.is_staff and (
            self.agency is None or self.agency.kind == AgencyKind.NATIONAL
        )

    @property
    def is_partner(self) -> bool:
        return self.role in PARTNER_ROLES

    @property
    def used_on(self) -> dt.date:
        """Return the start of absence: last sign-in, reactivation or creation."""
        used_at = self.last_login or self.created_at
        if self.clock_restarted_at:
            used_at = max(used_at, self.clock_restarted_at)
        return timezone.localdate(used_at)

    @property
    def days_unused(self) -> int:
        return (timezone.localdate() - self.used_on).days

    @property
    def suspended_from(self) -> dt.date:
        """Return its suspension day without a sign-in (art. 4.2, S26)."""
        return self.used_on + dt.timedelta(days=settings.ABSENCE_SUSPENDS)

    @property
    def long_leave(self) -> Any:
        """Return the first of the ``coming_leaves`` over three months."""
        return next((one for one in self.coming_leaves if one.is_long), None)

    @property
    def suspends_on(self) -> dt.date:
        """Return ``suspended_from``, or a long absence's first day if earlier."""
        leave = self.long_leave
        return (
            min(self.suspended_from, leave.starts_on) if leave else self.suspended_from
        )

    @property
    def days_left(self) -> int:
        return settings.ABSENCE_SUSPENDS - self.days_unused

    @property
    def countdown(self) -> str:
        days = (self.suspends_on - timezone.localdate()).days
        if days < 0:
            return "Accès fermé"
        if days == 0:
            return "Suspension aujourd’hui"
        return "Suspension demain" if days == 1 else f"Suspension dans {days} jours"

    @property
    def is_near_suspension(self) -> bool:
        return self.is_active and self.days_unused >= min(settings.ABSENCE_WARNINGS)

    @property
    def is_long_away(self) -> bool:
        """Return whether unused for over three months (4.2)."""
        return self.is_partner and self.is_active and self.days_left < 0

    @property
    def suspension(self) -> AccountStep | None:
        if self.state != UserState.SUSPENDED:
            return None
        steps = self.steps.filter(target=UserState.SUSPENDED).select_related("by")
        return steps.order_by("at", "pk").last()

    @property
    def is_access_expired(self) -> bool:
        until: dt.datetime | None = getattr(self, "access_until", None)
        return until is not None and until <= timezone.now()

    @property
    def coming_leaves(self) -> list[Any]:
        """Return the announced absences, current or future, earliest first."""
        today = timezone.localdate()
        coming = [leave for leave in self.leaves.all() if leave.is_ahead(today)]
        return sorted(coming, key=lambda leave: leave.starts_on)

    @property
    def leave(self) -> Any:
        return next(iter(self.coming_leaves), None)

    @property
    def is_rgc_in_office(self) -> bool:
        """Return whether it administers its structure's accounts today (art. 4.1)."""
        return self.role == Role.RGC and any(
            nomination.convention.is_in_force()
            for nomination in self.nominations.in_office()
            .filter(convention__structure=self.structure_id)
            .select_related("convention")
        )

    @property
    def factors(self) -> list[Any]:
        """Return strong factors, passkeys first, without backup codes."""
        return [
            *self.passkey_set.filter(confirmed=True).order_by("created_at"),
            *self.totpdevice_set.filter(confirmed=True).order_by("created_at"),
        ]

    @property
    def backup_codes(self) -> Any:
        return self.backupcodeset_set.first()

    def convention_in_force(self) -> Any:
        if self.structure_id is None:
            return None
        conventions = apps.get_model("accounts", "Convention").objects
        mine = conventions.in_force().filter(structure=self.structure_id)
        return mine.with_terms().first()

    @property
    def services_today(self) -> set[Service]:
        """Return what the convention grants, without a session (R12)."""
        if not self.is_active or self.is_long_away:
            return set()
        if self.role == Role.RGC and not self.is_rgc_in_office:
            return set()
        convention = self.convention_in_force()
        return convention.services if convention else set()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and staff_may(self.role, perm)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    def get_session_auth_hash(self) -> str:
        """Return a hash that changes of access alter (S14)."""
        return salted_hmac(
            "accounts.User", f"{self.password}:{self.session_salt}", algorithm="sha256"
        ).hexdigest()

    def activate(self, *, by: User | None) -> None:
        """Activate it after its first access, or raise MoveRefused."""
        if self.state == UserState.SUSPENDED:
            raise MoveRefused("Ce compte est suspendu : il faut d’abord le réactiver.")
        self.move_to(UserState.ACTIVE, by=by)

    def suspend(self, *, by: User | None, reason: str) -> None:
        """Suspend it at once; reactivation does not revive sessions (S14)."""
        self.shut(UserState.SUSPENDED, by=by, reason=reason)

    def reactivate(self, *, by: User) -> None:
        """Restore its earlier state; absence counts from today."""
        target = UserState.ACTIVE if self.last_login else UserState.CREATED
        self.move_to(target, by=by, clock_restarted_at=timezone.now())

    def close(self, *, by: User, reason: str) -> None:
        self.shut(UserState.CLOSED, by=by, reason=reason)

    def shut(self, state: UserState, *, by: User | None, reason: str) -> None:
        salt, note = self.session_salt + 1, {"reason": reason}
        self.move_to(state, by=by, note=note, session_salt=salt)


# --- Whose row it is, and who did something -------------------------------------------
def account_key(
    related_name: str, on_delete: Any = models.PROTECT, **options: Any
) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        User, on_delete, verbose_name="compte", related_name=related_name, **options
    )


def person_key(
    verbose_name: str = "par", **options: Any
) -> models.ForeignKey[Any, Any]:
    """Return the key of who did something, without reverse name."""
    options = {"related_name": "+"} | options
    return models.ForeignKey(User, models.PROTECT, verbose_name=verbose_name, **options)


class AccountStep(Step):
    account = account_key("steps", models.CASCADE)

    class Meta(Step.Meta):
        verbose_name = "étape d’un compte"
        verbose_name_plural = "étapes d’un compte"

    @property
    def label(self) -> str:
        if not self.origin:
            return "Compte créé"
        if self.target == UserState.SUSPENDED:
            return "Compte suspendu"
        if self.target == UserState.CLOSED:
            return "Compte fermé"
        if self.origin == UserState.SUSPENDED:
            return "Compte réactivé"
        return "Première connexion : compte actif"

    @property
    def detail(self) -> str:
        return str(REASON_LABELS.get(self.note.get("reason", ""), ""))


# --- Corrections and legal holds (V11, V14) -------------------------------------------
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


class AccountHold(LegalHold):
    SUBJECT = "account"

    account = account_key("holds", editable=False)

    class Meta(LegalHold.Meta):
        verbose_name = "conservation pour litige (compte)"
        verbose_name_plural = "conservations pour litige (comptes)"


# --- Announced absences: dates, never a reason (art. 4.2) -----------------------------
# An absence that lasts more than three months ends the access (art. 4.2).
LONG = relativedelta(months=3)


class ThreeMonthsAfter(Func):
    """Add three months, clipped to the month's end."""

    template = "(%(expressions)s + interval '3 months')::date"
    output_field: Any = models.DateField()


class LeaveQuerySet(models.QuerySet["Leave"]):
    def standing(self) -> Self:
        return self.filter(cancelled_at__isnull=True)

    def covering(self, day: dt.date) -> Self:
        return self.standing().filter(starts_on__lte=day, ends_on__gte=day)

    def long(self) -> Self:
        """Filter those over three months, which suspend the account."""
        return self.filter(ends_on__gte=ThreeMonthsAfter("starts_on"))


class Leave(models.Model):
    """An announced absence, both days included, without a reason."""

    account = account_key("leaves")
    starts_on = models.DateField("premier jour d’absence")
    ends_on = models.DateField("dernier jour d’absence")
    created_at = models.DateTimeField("enregistrée le", db_default=Now())
    created_by = person_key()
    cancelled_at = models.DateTimeField("annulée le", null=True)
    cancelled_by = person_key("annulée par", null=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = "absence annoncée"
        verbose_name_plural = "absences annoncées"
        ordering = ("-starts_on",)
        constraints = [
            days_within("starts_on", "ends_on", name="leave_within_the_years"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="leave_ends_after_it_starts",
                violation_error_message="Le dernier jour d’absence précède le premier.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="leave_is_cancelled_by_somebody",
            ),
            ExclusionConstraint(
                name="one_leave_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at__isnull=True),
                violation_error_message="Une autre absence est déjà enregistrée sur "
                "une partie de ces dates : annulez-la d’abord.",
            ),
        ]

    def __str__(self) -> str:
        return f"du {date_format(self.starts_on)} au {date_format(self.ends_on)}"

    @property
    def is_long(self) -> bool:
        return self.ends_on >= self.starts_on + LONG

    def covers(self, day: dt.date) -> bool:
        return self.cancelled_at is None and self.starts_on <= day <= self.ends_on

    @property
    def leaves_time(self) -> bool:
        """Return whether the return comes early enough to keep the access."""
        last_day = self.ends_on + dt.timedelta(days=settings.ABSENCE_RETURN_WITHIN)
        return last_day < self.account.suspended_from

    def silences(self, day: dt.date) -> bool:
        """Return whether warnings wait for the return (S26)."""
        return self.covers(day) and self.leaves_time

    def is_ahead(self, day: dt.date) -> bool:
        return self.cancelled_at is None and self.ends_on >= day


# --- Changes of address; the former one stays notified (S11) --------------------------
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


# --- The first secret, to choose a password (S9) --------------------------------------
class IdentityCheck(models.TextChoices):
    IN_PERSON = "piece", "En personne, au vu d’une pièce d’identité"
    CALL_BACK = "rappel", "Par un rappel au numéro déjà connu de la structure"
    VIDEO = "video", "En visioconférence, au vu d’une pièce d’identité"


class AccessKind(models.TextChoices):
    SLIP = "fiche", "fiche remise par le RGC (art. 4.2)"
    LINK = "lien", "lien d’activation envoyé par courriel (art. 6)"


class FirstAccessQuerySet(models.QuerySet["FirstAccess"]):
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
    ) -> tuple[FirstAccess, str]:
        """Replace any earlier secret; return row and secret, stored nowhere."""
        # 20 letters of 25: 92 bits, in groups of five that one can read aloud (S9).
        letters = get_random_string(20, CLEAR_LETTERS)
        secret = "-".join(letters[n : n + 5] for n in range(0, 20, 5))
        digest = make_password(letters)
        return cls.replace(account, by, check_done, secret_hash=digest), secret

    @classmethod
    def draw_link(
        cls, account: User, *, by: User | None, check_done: str = ""
    ) -> FirstAccess:
        """Replace any earlier secret by an activation link."""
        nonce = secrets.token_urlsafe(24)
        return cls.replace(account, by, check_done, kind=AccessKind.LINK, nonce=nonce)

    @classmethod
    def replace(
        cls, account: User, by: User | None, check_done: str, **secret: str
    ) -> FirstAccess:
        account.first_accesses.revoke()
        return cls.objects.create(
            account=account,
            created_by=by,
            check_done=check_done,
            expires_at=timezone.now() + settings.FIRST_ACCESS_LASTS,
            **secret,
        )

    @classmethod
    def find_by_link(cls, token: str) -> FirstAccess | None:
        number, _, _ = token.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        links = cls.objects.links().usable().select_related("account__structure")
        access = links.filter(pk=number).first()
        is_right = access and constant_time_compare(access.token, token)
        return access if is_right else None

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
