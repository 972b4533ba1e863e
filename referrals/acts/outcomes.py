"""Outcomes: codes that France Travail edits, and each declaration (5.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now, TruncDate

from accounts.users.models import User
from opus.lib.database.versions import Versioned
from opus.lib.dates import days_within
from opus.lib.text_guard.fields import About, GuardedCharField


class OutcomeKind(models.TextChoices):
    """The meaning of an outcome for article 11."""

    HIRED = "embauche", "embauche"
    NOT_HIRED = "non_retenu", "candidature non retenue"
    WITHDRAWN = "retrait", "candidat non disponible ou non intéressé"
    NO_NEWS = "sans_nouvelles", "sans nouvelles"


class OutcomeCodeQuerySet(models.QuerySet["OutcomeCode"]):
    def usual_and_others(self) -> tuple[list[OutcomeCode], list[OutcomeCode]]:
        """Return the first code of each kind, silence apart, and the rest."""
        usual: dict[str, OutcomeCode] = {}
        codes = list(self.filter(is_open=True).order_by("position", "pk"))
        for code in codes:
            if code.kind != OutcomeKind.NO_NEWS:
                usual.setdefault(code.kind, code)
        firsts = list(usual.values())
        return firsts, [code for code in codes if code not in firsts]


class OutcomeCode(Versioned):
    code = models.SlugField("code", max_length=40, primary_key=True)
    label = GuardedCharField("libellé", about=About.SERVICE, max_length=80)
    kind = models.CharField("sens", max_length=20, choices=OutcomeKind)
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_open = models.BooleanField(
        "proposé",
        default=True,
        help_text="Décoché : n’est plus proposé, mais reste lisible où il a servi.",
    )

    objects = OutcomeCodeQuerySet.as_manager()

    class Meta:
        verbose_name = "suite codée"
        verbose_name_plural = "suites codées"
        ordering = ("position", "label")

    def __str__(self) -> str:
        return self.label


class DeclaredBy(models.TextChoices):
    """The author of a declaration. France Travail's wins."""

    CANDIDATE = "candidat", "le candidat"
    EMPLOYER = "employeur", "l’employeur"
    ADVISER = "conseiller", "le conseiller"
    FRANCE_TRAVAIL = "france_travail", "France Travail"
    # Closed by Opus without any declaration.
    OPUS = "opus", "Opus, faute de nouvelles"


class Outcome(models.Model):
    """A declared outcome; the act points to the current one."""

    act = models.ForeignKey(
        "referrals.Act",
        models.CASCADE,
        verbose_name="proposition",
        related_name="outcomes",
    )
    code = models.ForeignKey(OutcomeCode, models.PROTECT, verbose_name="suite")
    declared_by = models.CharField("selon", max_length=20, choices=DeclaredBy)
    on = models.DateField("date")
    # None if Opus closed an act without news.
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="saisie par", null=True, blank=True
    )
    at = models.DateTimeField("saisie le", db_default=Now())
    undone_at = models.DateTimeField("annulée le", null=True, blank=True)

    class Meta:
        verbose_name = "suite"
        ordering = ("at", "pk")
        constraints = [days_within("on", name="outcome_within_the_years")]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def is_nobodys(self) -> bool:
        """Return whether Opus closed the act without news."""
        return self.by_id is None

    @property
    def is_hire(self) -> bool:
        return self.code.kind == OutcomeKind.HIRED

    def says(self, *, code: OutcomeCode, declared_by: str, on: dt.date) -> bool:
        return (self.code, self.declared_by, self.on) == (code, declared_by, on)

    @property
    def note(self) -> dict[str, str]:
        """Return the details of its step: codes and day."""
        return {
            "outcome": self.code_id,
            "declared_by": str(self.declared_by),
            "on": self.on.isoformat(),
        }


def later_hires(offers: Sequence[Any] | RawSQL) -> Any:
    """Return the hires that the content of these offers does not count yet.

    Of both placements: after what France Travail last said of the posts, and not dated
    before it.
    """
    known_at = Coalesce("act__offer__posts_left_at", "act__offer__updated_at")
    hired = Outcome.objects.filter(
        act__outcome=F("pk"), act__offer__in=offers, code__kind=OutcomeKind.HIRED
    )
    return (
        hired.annotate(hired_on=F("act__offer"), known_at=known_at)
        .filter(at__gt=F("known_at"), on__gte=TruncDate("known_at"))
        .order_by()
    )
