"""A colleague follows a caseload for a time (5.6, S24)."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users import history
from accounts.users.enums import COUNTED_STATES
from accounts.users.history import HistoryEntry
from accounts.users.models.users import User
from opus.lib.dates import date_format, days_from, days_within
from opus.lib.french import of


class StandInQuerySet(models.QuerySet["StandIn"]):
    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def in_force(self) -> Self:
        """Filter those that give access now, between two open accounts.

        No job opens or closes access. Days are those of Paris.
        """
        today = timezone.localdate()
        return self.standing().filter(
            starts_on__lte=today,
            ends_on__gte=today,
            owner__state__in=COUNTED_STATES,
            colleague__state__in=COUNTED_STATES,
        )

    def ahead(self) -> Self:
        return self.standing().filter(ends_on__gte=timezone.localdate())

    def of(self, account: User) -> Self:
        """Return those of both directions, with the persons that they name."""
        either = self.filter(Q(owner=account) | Q(colleague=account))
        return either.select_related("owner", "colleague", "created_by", "ended_by")


class StandIn(models.Model):
    """A colleague follows a caseload too, both days included.

    Nothing moves; the colleague's actions have his own name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="+"
    )
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="stand_ins"
    )
    colleague = models.ForeignKey(
        User, models.PROTECT, verbose_name="confié à", related_name="stands_in"
    )
    # The decision behind it: a trigger requires one (ADR 28).
    transfer = models.ForeignKey(
        "referrals.CaseloadTransfer",
        models.PROTECT,
        verbose_name="décision",
        null=True,
        related_name="stand_ins",
        db_index=False,
    )
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    created_at = models.DateTimeField("enregistré le", db_default=Now())
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", related_name="+"
    )
    ended_at = models.DateTimeField("repris le", null=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="repris par", null=True, related_name="+"
    )
    # A trigger ended it: the colleague got a new access. It will be asked anew.
    is_cut = models.BooleanField(default=False, db_default=False, editable=False)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = "suivis confiés pour un temps"
        verbose_name_plural = "suivis confiés pour un temps"
        ordering = ("starts_on", "pk")
        constraints = [
            days_within("starts_on", "ends_on", name="stand_in_within_the_years"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="stand_in_ends_after_it_starts",
                violation_error_message="Le dernier jour précède le premier.",
            ),
            models.CheckConstraint(
                condition=~Q(owner=F("colleague")),
                name="stand_in_is_somebody_else",
                violation_error_message="On ne se confie pas ses propres suivis.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="stand_in_is_ended_by_somebody",
            ),
            ExclusionConstraint(
                name="one_stand_in_at_a_time",
                expressions=[
                    ("owner", RangeOperators.EQUAL),
                    (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at__isnull=True),
                violation_error_message="Ces suivis sont déjà confiés à quelqu’un sur "
                "une partie de ces dates\u00a0: reprenez-les d’abord.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["colleague", "ends_on"],
                condition=Q(ended_at__isnull=True),
                name="stand_in_of_colleague",
            )
        ]

    def __str__(self) -> str:
        return f"du {date_format(self.starts_on)} au {date_format(self.ends_on)}"

    @property
    def is_ahead(self) -> bool:
        return self.ended_at is None and self.ends_on >= timezone.localdate()

    @property
    def has_begun(self) -> bool:
        return self.starts_on <= timezone.localdate()

    @property
    def is_interrupted(self) -> bool:
        """Return whether a suspended or closed account blocks it."""
        states = {self.owner.state, self.colleague.state}
        return not states <= set(COUNTED_STATES)

    def entries(self, account: User) -> list[HistoryEntry]:
        """Return its history entries for one of its accounts (5.6)."""
        if account.pk == self.owner_id:
            lent = f"Suivis confiés à {self.colleague}"
            back = f"Suivis repris à {self.colleague} avant le dernier jour"
        else:
            lent = f"Suivis {of(self.owner)} confiés à ce compte"
            back = f"Suivis {of(self.owner)} repris avant le dernier jour"
        entries = [HistoryEntry(self.created_at, lent, self.created_by, str(self))]
        if self.ended_at:
            entries.append(HistoryEntry(self.ended_at, back, self.ended_by))
        return entries


def followed_by(user: User, adviser: str = "adviser") -> Q:
    """Return the condition: own caseload, or confided (S24)."""
    confided = StandIn.objects.in_force().filter(colleague=user.pk).order_by()
    return Q(**{adviser: user.pk}) | Q(**{f"{adviser}__in": confided.values("owner")})


def follower_of(adviser: str) -> Coalesce:
    """Return the expression: the adviser there, or his stand-in."""
    confided = StandIn.objects.in_force().filter(owner=OuterRef(adviser)).order_by()
    field: Any = models.BigIntegerField()
    return Coalesce(
        Subquery(confided.values("colleague")[:1], output_field=field),
        F(adviser),
        output_field=field,
    )


def stand_in_of(account: User) -> StandIn | None:
    confided = StandIn.objects.in_force().select_related("colleague")
    return confided.filter(owner=account.pk).first()


def history_of(
    account: User, stand_ins: Iterable[StandIn] | None = None
) -> list[HistoryEntry]:
    """Return the account's history; ``stand_ins``: its own, if the page has them."""
    entries = history.history_of(account)
    for one in StandIn.objects.of(account) if stand_ins is None else stand_ins:
        entries += one.entries(account)
    return sorted(entries, key=lambda entry: entry.at)
