"""The person who signs in (art. 5.1)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

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
from accounts.users.identifiers import compact
from accounts.users.models.constraints import COMPACT, CONSTRAINTS
from accounts.users.models.preferences import Preferences
from accounts.users.permissions import staff_may
from opus.lib.database.name_order import ByName
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field
from opus.lib.database.versions import Versioned
from opus.lib.dates import past_months
from opus.lib.forms.fields import phone_field
from opus.lib.text_guard.fields import GuardedCharField, GuardedNameField


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


class User(Preferences, Versioned, Stateful, AbstractBaseUser):  # type: ignore[django-manager-missing]
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

    # On the user of a request: the session's factor; a network that is no habit.
    verified_by, is_elsewhere = "", False

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = "compte"
        ordering = (ByName("last_name"), ByName("first_name"))
        constraints = CONSTRAINTS

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


class AccountStep(Step):
    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="steps"
    )

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
