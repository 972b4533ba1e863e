"""Acts that end with an outcome: both kinds of mise en contact (domain 5.2, 5.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import DateField, DateTimeField, Max
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from accounts.models import User
from opus.lib.states import MoveRefused
from referrals.models.acts import Act, ActQuerySet

if TYPE_CHECKING:
    from referrals.models.outcomes import Outcome


class PlacementQuerySet[A: Placement](ActQuerySet[A]):
    """Questions asked of sets of mises en contact of one kind."""

    def with_last_word(self) -> Self:
        """Each with ``told_at``: its last step, or the day that it speaks of if later.

        So an interview to come is no silence before its day.
        """
        day = Cast(KeyTextTransform("on", "steps__note"), DateField())
        said = Greatest("steps__at", Cast(day, DateTimeField()))
        return self.annotate(told_at=Coalesce(Max(said), "created_at"))

    def silent_for(self, delay: dt.timedelta) -> Self:
        """Those that wait for a word, and of which nothing was said for so long."""
        waiting = self.filter(state__in=self.model.WAITING).with_last_word()
        return waiting.filter(told_at__lte=timezone.now() - delay)


class Placement(Act):
    """A person put in contact with an employer, until what came of it is known."""

    SHOWN_WITH = ("outcome__code",)
    ENDED: ClassVar[str] = "terminee"
    INTERVIEW: ClassVar[str] = "entretien"
    # Where it waits for a word of the person or the employer.
    WAITING: ClassVar[Sequence[str]]
    # The badge of a state, where it is not that of an act under way.
    BADGES: ClassVar[dict[str, str]]

    outcome = models.OneToOneField(
        "referrals.Outcome",
        models.PROTECT,
        verbose_name="suite",
        null=True,
        editable=False,
        related_name="+",
    )
    outcomes: Any
    # When something was last said of it, where ``with_last_word`` was asked.
    told_at: dt.datetime

    class Meta(Act.Meta):
        abstract = True

    @property
    def status(self) -> str:
        """Where it stands, in a word: its outcome once known, else its state."""
        return str(self.outcome or super().status)

    @property
    def badge(self) -> str:
        """The kind of badge that the word calls for; the word says it all."""
        if self.outcome:
            return "success" if self.outcome.is_hire else "info"
        return self.BADGES.get(self.state, "info")

    @property
    def can_be_handed_over(self) -> bool:
        return super().can_be_handed_over and not self.outcome_id

    @property
    def can_be_interviewed(self) -> bool:
        return self.can_move_to(self.INTERVIEW) and not self.outcome_id

    @property
    def has_france_travails_word(self) -> bool:
        """Whether France Travail said what came of it: no other word replaces it."""
        return self.outcome is not None and self.outcome.is_france_travails

    def can_record_outcome(self, by: User) -> bool:
        """An outcome is typed once handed over, and put right afterwards.

        France Travail's word is replaced by France Travail only (design 2.10).
        """
        if self.state == self.ENDED:
            return by.is_staff or not self.has_france_travails_word
        return self.can_move_to(self.ENDED)

    def can_undo_outcome(self, by: User) -> bool:
        """Its author takes an outcome back within 24 hours.

        An act that Opus closed without news may be opened again at any time (5.2).
        """
        outcome = self.outcome
        if outcome is None:
            return False
        if outcome.is_nobodys:
            return True
        is_fresh = timezone.now() < outcome.at + settings.UNDO_LASTS
        return outcome.by_id == by.pk and is_fresh

    def lock(self) -> None:
        """Hold the row until the transaction ends, and know where it stands now."""
        rows: Any = type(self)._base_manager.select_for_update(no_key=True)
        self.refresh_from_db(fields=["state", "outcome"], from_queryset=rows)

    def interview(self, *, by: User, on: dt.date | None = None) -> None:
        """An interview is fixed or held; its day may be unknown, or to come."""
        note = {"on": on.isoformat()} if on else {}
        self._go_forward(self.INTERVIEW, by=by, note=note)

    def end(self, outcome: Outcome, *, by: User | None) -> None:
        """What came of it is known."""
        self.move_to(self.ENDED, by=by, note=outcome.note, outcome=outcome)

    @transaction.atomic
    def replace_outcome(self, outcome: Outcome, *, by: User) -> None:
        """Another word takes the place of the one that counted; both are kept."""
        self.lock()
        if self.state != self.ENDED:
            raise MoveRefused("Aucune suite n’est enregistrée : rien à corriger.")
        self.outcome = outcome
        self.save(update_fields=["outcome"])
        self.steps.create(
            origin=self.ENDED,
            target=self.ENDED,
            by=by,
            note=outcome.note,
        )

    @transaction.atomic
    def undo_outcome(self, *, by: User) -> None:
        """Back to where it stood before its outcome."""
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
        """Move on; out of an outcome one only goes back, by undoing it."""
        self.lock()
        if self.state == self.ENDED:
            raise MoveRefused(
                "La suite est déjà enregistrée : annulez-la d’abord si elle est fausse."
            )
        self.move_to(target, **changes)
