"""The convention d'application: what a structure may do in Opus, and until when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from accounts.models.structures import Agency, Structure
from opus.lib.states import Stateful, Step

if TYPE_CHECKING:
    from accounts.models.users import User


class Service(models.TextChoices):
    """The two services of annexe 1, each granted by O or N."""

    CONSULTATION = "consultation", "consultation des offres"
    REFERRALS = "delegation", "délégation de la mise en relation"


class ConventionState(models.TextChoices):
    """The life of a convention (art. 12, 13)."""

    DRAFT = "projet", "projet"
    SIGNED = "signee", "signée"
    NOTICE = "preavis", "préavis"
    TERMINATED = "resiliee", "résiliée"
    EXPIRED = "expiree", "expirée"


IN_FORCE_STATES = (ConventionState.SIGNED, ConventionState.NOTICE)


class DateRange(Func):
    """PostgreSQL's ``daterange(from, to, bounds)``."""

    function = "DATERANGE"


class ConventionQuerySet(models.QuerySet["Convention"]):
    """Questions asked of sets of conventions."""

    def in_force(self, on: dt.date | None = None) -> Self:
        """Those that open Opus on that day: a predicate, so no job has to run (R12)."""
        day = on or timezone.localdate()
        return self.filter(
            state__in=IN_FORCE_STATES, starts_on__lte=day, ends_on__gte=day
        )


class Convention(Stateful):
    """A convention d'application between France Travail and a structure.

    It hangs from a *convention de partenariat* and cannot outlive it (art. 13).
    A right that ends on a day ends at 24:00 of that day, Europe/Paris.
    """

    MOVES = {
        ConventionState.DRAFT: {ConventionState.SIGNED},
        ConventionState.SIGNED: {
            ConventionState.NOTICE,
            ConventionState.TERMINATED,
            ConventionState.EXPIRED,
        },
        ConventionState.NOTICE: {ConventionState.TERMINATED, ConventionState.EXPIRED},
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
    state = models.CharField(
        "état",
        max_length=20,
        choices=ConventionState,
        default=ConventionState.DRAFT,
        editable=False,
    )
    number = models.CharField("numéro", max_length=40, unique=True)
    parent_number = models.CharField("convention de partenariat n°", max_length=40)
    parent_ends_on = models.DateField("fin de la convention de partenariat")
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
    grants_consultation = models.BooleanField(
        "consultation des offres",
        default=True,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    grants_referrals = models.BooleanField(
        "délégation de la mise en relation",
        default=False,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    quota = models.PositiveSmallIntegerField(
        "comptes utilisateurs actifs",
        help_text="Annexe 2 : nombre maximal de comptes actifs, RGC non compté.",
    )
    ft_contact = models.CharField(
        "correspondant France Travail", max_length=120, blank=True
    )

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ("-starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="convention_ends_after_it_starts",
                violation_error_message="La convention prend fin avant de prendre "
                "effet : vérifiez les deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__lte=F("parent_ends_on")),
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
            models.CheckConstraint(
                condition=Q(state__in=ConventionState.values),
                name="convention_state_is_known",
            ),
            ExclusionConstraint(
                name="one_convention_in_force",
                expressions=[
                    ("structure", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(True, True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=IN_FORCE_STATES),
                violation_error_message="Une autre convention de cette structure "
                "couvre déjà une partie de ces dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"convention n° {self.number}"

    def is_in_force(self, on: dt.date | None = None) -> bool:
        """Whether it opens Opus on that day."""
        day = on or timezone.localdate()
        is_signed = self.state in IN_FORCE_STATES
        return is_signed and self.starts_on <= day <= self.ends_on

    @property
    def ended_early_on(self) -> dt.date | None:
        """The day when it was terminated, if that was before its term (art. 12)."""
        if self.state != ConventionState.TERMINATED:
            return None
        step = self.steps.filter(target=ConventionState.TERMINATED).last()
        day = timezone.localdate(step.at) if step else None
        return day if day and day < self.ends_on else None

    @property
    def services(self) -> set[Service]:
        """The services of annexe 1 that it grants."""
        granted = set()
        if self.grants_consultation:
            granted.add(Service.CONSULTATION)
        if self.grants_referrals:
            granted.add(Service.REFERRALS)
        return granted

    def sign(self, *, by: User) -> None:
        self.move_to(ConventionState.SIGNED, by=by)

    def give_notice(self, *, by: User, ends_on: dt.date) -> None:
        """Announce the end (art. 12); access closes after the last day."""
        self.move_to(ConventionState.NOTICE, by=by, ends_on=ends_on)

    def terminate(self, *, by: User) -> None:
        self.move_to(ConventionState.TERMINATED, by=by)

    def expire(self, *, by: User | None) -> None:
        self.move_to(ConventionState.EXPIRED, by=by)


class ConventionStep(Step):
    """One move of a convention."""

    convention = models.ForeignKey(
        Convention, models.CASCADE, verbose_name="convention", related_name="steps"
    )
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="par", null=True
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une convention"
        verbose_name_plural = "étapes d’une convention"
