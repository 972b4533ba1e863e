"""Mises en contact: they end with an outcome (5.2, 5.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import DateField, DateTimeField, Func, Max, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused
from referrals.acts.models.acts import Act, ActQuerySet
from referrals.acts.models.outcomes import Outcome

# A step may name an earlier day, which begins at midnight in Paris, not in UTC.
START_OF_DAY = Func(
    Cast(KeyTextTransform("on", "note"), DateField()),
    template="(%(expressions)s)::timestamp AT TIME ZONE 'Europe/Paris'",
    output_field=DateTimeField(),
)
SAID = Greatest("at", START_OF_DAY)


class PlacementQuerySet[A: Placement](ActQuerySet[A]):
    def with_last_word(self) -> Self:
        """Annotate ``told_at``: the last step, or its later day."""
        key: Any = self.model._meta.get_field("steps")
        name = key.field.name
        steps = key.related_model.objects.filter(**{name: OuterRef("pk")})
        last = steps.order_by().values(name).values(last=Max(SAID))
        return self.annotate(told_at=Coalesce(Subquery(last), "created_at"))

    def silent_for(self, delay: dt.timedelta) -> Self:
        """Filter those without news for that long."""
        waiting = self.filter(state__in=self.model.WAITING).with_last_word()
        return waiting.filter(told_at__lte=timezone.now() - delay)


class Placement(Act):
    SHOWN_WITH = ("outcome__code",)
    ENDED: ClassVar[str] = "terminee"
    INTERVIEW: ClassVar[str] = "entretien"
    # States that wait for news of the person or the employer.
    WAITING: ClassVar[Sequence[str]]
    LOCKED = ("state", "outcome")

    outcome = models.OneToOneField(
        "referrals.Outcome",
        models.PROTECT,
        verbose_name="suite",
        null=True,
        editable=False,
        related_name="+",
    )
    outcomes: Any
    # The last news of it; set by ``with_last_word``.
    told_at: dt.datetime

    class Meta(Act.Meta):
        abstract = True

    @property
    def status(self) -> str:
        """Return its outcome once known, else its state."""
        return str(self.outcome or super().status)

    @property
    def badge(self) -> str:
        if self.outcome:
            return "success" if self.outcome.is_hire else "info"
        return super().badge

    @property
    def can_be_handed_over(self) -> bool:
        return super().can_be_handed_over and not self.outcome_id

    @property
    def can_be_interviewed(self) -> bool:
        return self.can_move_to(self.INTERVIEW) and not self.outcome_id

    @property
    def has_france_travails_word(self) -> bool:
        return self.outcome is not None and self.outcome.is_france_travails

    def can_record_outcome(self, by: User) -> bool:
        """Return whether ``by`` may; France Travail's outcome stays (2.10)."""
        if self.state == self.ENDED:
            return by.is_staff or not self.has_france_travails_word
        return self.can_move_to(self.ENDED)

    def can_undo_outcome(self, by: User) -> bool:
        """Return True for its author within 24 hours, or Opus."""
        outcome = self.outcome
        if outcome is None:
            return False
        if outcome.is_nobodys:
            return True
        is_fresh = timezone.now() < outcome.at + settings.UNDO_LASTS
        return outcome.by_id == by.pk and is_fresh

    def interview(self, *, by: User, on: dt.date | None = None) -> None:
        note = {"on": on.isoformat()} if on else {}
        self._go_forward(self.INTERVIEW, by=by, note=note)

    def end(self, outcome: Outcome, *, by: User | None) -> None:
        self.move_to(self.ENDED, by=by, note=outcome.note, outcome=outcome)

    @transaction.atomic
    def replace_outcome(self, outcome: Outcome, *, by: User) -> None:
        self.lock()
        if self.state != self.ENDED:
            raise MoveRefused("Aucune suite n’est enregistrée : rien à corriger.")
        self.outcome = outcome
        self.save(update_fields=["outcome"])
        self.steps.create(
            origin=self.ENDED, target=self.ENDED, by=by, note=outcome.note
        )

    @transaction.atomic
    def undo_outcome(self, *, by: User) -> None:
        self.lock()
        if self.state != self.ENDED:
            raise MoveRefused("Aucune suite n’est enregistrée : rien à annuler.")
        ending = self.steps.filter(target=self.ENDED).exclude(origin=self.ENDED)
        self.move_to(
            ending.latest("at", "pk").origin,
            by=by,
            note={"undone": self.outcome.code_id if self.outcome else ""},
            outcome=None,
        )

    @transaction.atomic
    def _go_forward(self, target: str, **changes: Any) -> None:
        """Change the state; only undoing it removes an outcome."""
        self.lock()
        if self.state == self.ENDED:
            raise MoveRefused(
                "La suite est déjà enregistrée : annulez-la d’abord si elle est fausse."
            )
        self.move_to(target, **changes)
