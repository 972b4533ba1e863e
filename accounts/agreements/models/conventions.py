from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.agreements.models.partnerships import Partnership
from accounts.agreements.models.signatures import Signatures, signature_checks
from accounts.agreements.models.terms import TERMS, Terms, fold
from accounts.enums import Service
from accounts.structures.models import Agency, Structure
from accounts.users.models.users import User
from opus.lib.database.states import Stateful, Step, known, state_field
from opus.lib.database.versions import Versioned
from opus.lib.dates.bounds import days_from, days_within
from opus.lib.dates.months import add_months, days_until
from opus.lib.forms.fields import NameField, phone_field, phones_written


class ConventionState(models.TextChoices):
    DRAFT = "projet", "projet"
    SIGNED = "signee", "signée"
    NOTICE_PERIOD = "preavis", "préavis"
    TERMINATED = "resiliee", "résiliée"
    EXPIRED = "expiree", "expirée"


IN_FORCE_STATES = (ConventionState.SIGNED, ConventionState.NOTICE_PERIOD)
OVER_STATES = (ConventionState.TERMINATED, ConventionState.EXPIRED)

# Days before the end on which accounts are notified; pages warn from the first.
TOLD_DAYS_BEFORE = (30, 7)


# The columns of an amendment that change terms.
CHANGE = ("effective_on", *TERMS)


class ConventionQuerySet(models.QuerySet["Convention"]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """Filter those open that day: no job needed (R12)."""
        day = on or timezone.localdate()
        return self.filter(
            state__in=IN_FORCE_STATES, starts_on__lte=day, ends_on__gte=day
        )

    def past_their_end(self) -> Self:
        return self.filter(state__in=IN_FORCE_STATES, ends_on__lt=timezone.localdate())

    def without_review(self) -> Self:
        """Filter those without a meeting for a year (11)."""
        meetings = apps.get_model("accounts", "ReviewMeeting").objects
        since = add_months(timezone.localdate(), -settings.MEETING_EVERY_MONTHS)
        lately = meetings.held().filter(held_on__gte=since)
        return (
            self.in_force()
            .filter(starts_on__lte=since)
            .filter(~Exists(lately.filter(convention=OuterRef("pk"))))
        )

    def with_terms(self) -> Self:
        """Prefetch amendments for ``terms``; not under a lock."""
        amendments = apps.get_model("accounts", "Amendment").objects
        changes = (
            amendments.confirmed()
            .in_order()
            .filter(convention=OuterRef("pk"))
            .values(row=JSONObject(pk="pk", **{name: name for name in CHANGE}))
        )
        return self.annotate(loaded_changes=ArraySubquery(changes))


class Convention(Signatures, Versioned, Stateful):
    """A convention d'application between France Travail and a structure.

    It cannot outlive its *convention de partenariat* (art. 13). A right that ends on a
    day ends at 24:00 Europe/Paris. The database refuses changes of ``signed_…`` fields;
    ``quota``, ``services`` and correspondents include amendments (art. 5.2).
    """

    MOVES = {
        ConventionState.DRAFT: {ConventionState.SIGNED},
        ConventionState.SIGNED: {
            ConventionState.NOTICE_PERIOD,
            ConventionState.TERMINATED,
            ConventionState.EXPIRED,
        },
        ConventionState.NOTICE_PERIOD: {
            ConventionState.TERMINATED,
            ConventionState.EXPIRED,
        },
    }

    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="conventions"
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        verbose_name="agence signataire",
        related_name="conventions",
    )
    state = state_field(ConventionState.DRAFT)
    number = models.CharField("numéro", max_length=40, unique=True)
    parent = models.ForeignKey(
        Partnership,
        models.PROTECT,
        verbose_name="convention de partenariat",
        related_name="conventions",
    )
    # The parent's own end, copied and kept equal by a composite foreign key, so that
    # one check on this row covers both.
    parent_ends_on = models.DateField(
        "fin de la convention de partenariat", editable=False
    )
    signed_by_ft_on = models.DateField(
        "signée par France Travail le", null=True, blank=True
    )
    signed_by_structure_on = models.DateField(
        "signée par la structure le", null=True, blank=True
    )
    starts_on = models.DateField(
        "prend effet le",
        help_text="Au plus tôt le jour de la dernière des deux signatures (art. 13).",
    )
    ends_on = models.DateField("prend fin le")
    signed_consultation = models.BooleanField(
        "consultation des offres",
        default=True,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    signed_referrals = models.BooleanField(
        "délégation de la mise en relation",
        default=False,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    signed_quota = models.PositiveSmallIntegerField(
        "comptes utilisateurs actifs",
        help_text="Annexe 2 : nombre maximal de comptes actifs, RGC non compté.",
    )
    signed_ft_contact = NameField(
        "correspondant France Travail",
        max_length=120,
        blank=True,
        help_text="Prénom, nom et fonction.",
    )
    signed_ft_contact_email = models.EmailField(
        "adresse électronique du correspondant France Travail",
        blank=True,
        help_text="Elle reçoit les alertes : elle est nécessaire à la signature.",
    )
    signed_ft_contact_phone = phone_field("téléphone du correspondant France Travail")
    signed_partner_contact = NameField(
        "responsable du suivi",
        max_length=120,
        blank=True,
        help_text="Prénom, nom et fonction de la personne qui suit la convention dans "
        "la structure : nécessaire à la signature.",
    )
    signed_partner_contact_email = models.EmailField(
        "adresse électronique du responsable du suivi",
        blank=True,
        help_text="Elle est nécessaire à la signature.",
    )
    signed_partner_contact_phone = phone_field("téléphone du responsable du suivi")

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ("-starts_on",)
        constraints = [
            days_within(
                "signed_by_ft_on",
                "signed_by_structure_on",
                "starts_on",
                "ends_on",
                "parent_ends_on",
                name="convention_within_the_years",
            ),
            phones_written(
                "signed_ft_contact_phone",
                "signed_partner_contact_phone",
                name="phones_of_a_convention",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="convention_ends_after_it_starts",
                violation_error_message="La convention prend fin avant de prendre "
                "effet : vérifiez les deux dates.",
            ),
            models.CheckConstraint(
                # A terminated one may have had a longer term.
                condition=Q(state=ConventionState.TERMINATED)
                | Q(ends_on__lte=F("parent_ends_on")),
                name="convention_within_its_parent",
                violation_error_message="La convention d’application ne peut pas durer "
                "plus que la convention de partenariat (art. 13).",
            ),
            models.CheckConstraint(
                condition=Q(state=ConventionState.DRAFT)
                | Q(
                    signed_by_ft_on__isnull=False,
                    signed_by_structure_on__isnull=False,
                    signed_by_ft_on__lte=F("starts_on"),
                    signed_by_structure_on__lte=F("starts_on"),
                ),
                name="convention_signed_before_it_starts",
                violation_error_message="Une convention signée porte ses deux dates "
                "de signature, et ne prend pas effet avant la dernière (art. 13).",
            ),
            *signature_checks(),
            known(ConventionState, "convention_state_is_known"),
            ExclusionConstraint(
                name="one_convention_in_force",
                expressions=[
                    ("structure", RangeOperators.EQUAL),
                    (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=IN_FORCE_STATES),
                violation_error_message="Une autre convention de cette structure "
                "couvre déjà une partie de ces dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"convention n° {self.number}"

    @property
    def signed_on(self) -> dt.date | None:
        """Return the day of the later signature (art. 13)."""
        days = [self.signed_by_ft_on, self.signed_by_structure_on]
        return max((day for day in days if day), default=None)

    def is_in_force(self, on: dt.date | None = None) -> bool:
        day = on or timezone.localdate()
        is_signed = self.state in IN_FORCE_STATES
        return is_signed and self.starts_on <= day <= self.ends_on

    # --- Terms: what is in force on a day (art. 5.2) --------------------------------

    def confirmed_changes(self) -> list[dict[str, Any]]:
        loaded = self.__dict__.get("loaded_changes")
        if loaded is None:
            amendments = apps.get_model("accounts", "Amendment").objects
            rows = amendments.confirmed().in_order().filter(convention=self.pk)
            return list(rows.values("pk", *CHANGE))
        return [
            row | {"effective_on": dt.date.fromisoformat(row["effective_on"])}
            for row in loaded
        ]

    def fold(self, changes: Iterable[Mapping[str, Any]], day: dt.date) -> Terms:
        """Apply changes to the signed terms, up to that day."""
        signed = Terms(**{name: getattr(self, f"signed_{name}") for name in TERMS})
        return fold(signed, changes, day)

    def terms_on(self, day: dt.date) -> Terms:
        """Return that day's terms: no job needed (R12)."""
        return self.fold(self.confirmed_changes(), day)

    @property
    def terms(self) -> Terms:
        return self.terms_on(timezone.localdate())

    @property
    def services(self) -> set[Service]:
        return self.terms.services

    @property
    def quota(self) -> int:
        return self.terms.quota

    @property
    def next_quota(self) -> tuple[dt.date, int] | None:
        today = timezone.localdate()
        for row in self.confirmed_changes():
            if row["effective_on"] > today and row["quota"] is not None:
                return row["effective_on"], row["quota"]
        return None

    @property
    def ft_contact(self) -> str:
        return self.terms.ft_contact

    @property
    def ft_contact_email(self) -> str:
        return self.terms.ft_contact_email

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("loaded_changes", None)
        super().refresh_from_db(*args, **kwargs)

    # --- Its end --------------------------------------------------------------------

    @property
    def days_left(self) -> int:
        return days_until(self.ends_on)

    @property
    def ends_soon(self) -> bool:
        return self.is_in_force() and self.days_left <= max(TOLD_DAYS_BEFORE)

    @property
    def ended_early_on(self) -> dt.date | None:
        """Return the day of an early termination (art. 12)."""
        closed_at = self.ended_early_at
        return closed_at.date() if closed_at else None

    @property
    def ended_early_at(self) -> dt.datetime | None:
        """Return the instant at which two people closed it (art. 12)."""
        if self.state != ConventionState.TERMINATED:
            return None
        step = self.steps.filter(target=ConventionState.TERMINATED).last()
        if step is None or timezone.localdate(step.at) > self.ends_on:
            return None
        return timezone.localtime(step.at)

    @property
    def early_end(self) -> Any:
        """Return the confirmed early end that set its last day, if any."""
        return self.endings.filter(confirmed_at__isnull=False).last()

    @property
    def end_set_by(self) -> str:
        """Return a key of the last decision on its end, else empty."""
        moved = self.amendments.confirmed().exclude(ends_on=None)
        amendment = moved.order_by("confirmed_at", "pk").last()
        if ending := self.early_end:
            return f"fin{ending.pk}"
        return f"avenant{amendment.pk}" if amendment else ""

    # --- Its moves ------------------------------------------------------------------

    def sign(
        self,
        *,
        by: User,
        signed_by_ft_on: dt.date | None = None,
        signed_by_structure_on: dt.date | None = None,
    ) -> None:
        """Sign it; raise MoveRefused if something lacks (art. 13)."""
        self.check_signable()
        by_ft = signed_by_ft_on or self.signed_by_ft_on
        by_structure = signed_by_structure_on or self.signed_by_structure_on
        days = [day for day in (self.starts_on, by_ft, by_structure) if day]
        self.move_to(
            ConventionState.SIGNED,
            by=by,
            starts_on=max(days),
            model_text=self.text_to_sign(),
            signed_by_ft_on=by_ft,
            signed_by_structure_on=by_structure,
        )

    def give_notice(self, *, by: User, ends_on: dt.date) -> None:
        """Announce the early end that two people confirmed (S28)."""
        self.move_to(ConventionState.NOTICE_PERIOD, by=by, ends_on=ends_on)

    def terminate(self, *, by: User | None) -> None:
        self.move_to(ConventionState.TERMINATED, by=by)

    def expire(self, *, by: User | None) -> None:
        self.move_to(ConventionState.EXPIRED, by=by)


def convention_key(related_name: str) -> models.ForeignKey[Convention, Convention]:
    return models.ForeignKey(
        Convention, models.PROTECT, verbose_name="convention", related_name=related_name
    )


class ConventionStep(Step):
    convention = models.ForeignKey(
        Convention, models.CASCADE, verbose_name="convention", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une convention"
        verbose_name_plural = "étapes d’une convention"
