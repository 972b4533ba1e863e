"""Mises en contact with preselection (art. 3.2)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.users.models import User
from offers.enums import Mode
from opus.lib.database.states import MoveRefused
from opus.lib.text_guard.fields import NoteField
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActQuerySet, KindManager
from referrals.acts.states import CancelReason, ScreenedState, SetAsideReason

S = ScreenedState


class ScreenedReferral(Act):
    KIND = ActKind.SCREENED_REFERRAL
    PREFIX = "MEP"
    FIRST = S.PROPOSED
    BADGES = {
        S.PROPOSED: "new",
        S.SHORTLISTED: "success",
        S.SET_ASIDE: "warning",
        S.ASKED_FOR_MORE: "warning",
        S.CANCELLED: "",
    }
    CODED = {"reason": dict([*CancelReason.choices, *SetAsideReason.choices])}
    MOVES = {
        S.PROPOSED: {S.HANDED_OVER, S.CANCELLED},
        S.HANDED_OVER: {S.TO_REVIEW, S.CANCELLED},
        S.TO_REVIEW: {S.SHORTLISTED, S.SET_ASIDE, S.ASKED_FOR_MORE, S.CANCELLED},
        S.ASKED_FOR_MORE: {S.TO_REVIEW, S.CANCELLED},
        S.SET_ASIDE: {S.TO_REVIEW},
        S.SHORTLISTED: {S.PRESENTED, S.ENDED, S.CANCELLED},
        S.PRESENTED: {S.INTERVIEW, S.ENDED, S.CANCELLED},
        S.INTERVIEW: {S.ENDED, S.CANCELLED},
        # Undoing an outcome within 24 hours returns to the former state.
        S.ENDED: {S.SHORTLISTED, S.PRESENTED, S.INTERVIEW},
    }

    objects: ClassVar[Any] = KindManager.from_queryset(ActQuerySet)()

    class Meta:
        proxy = True
        verbose_name = "mise en contact avec présélection"
        verbose_name_plural = "mises en contact avec présélection"

    @property
    def is_delegated(self) -> bool:
        """Return whether partners preselect on its offer."""
        return self.offer.mode == Mode.DELEGATED

    @property
    def is_known_to_person(self) -> bool:
        # After a CV or an appointment it has no document of its own.
        return self.state not in {S.PROPOSED, S.CANCELLED}

    @property
    def reset_until(self) -> dt.datetime | None:
        """Return until when France Travail may reopen it."""
        at = self.refused_at
        return at + settings.SET_ASIDE_RESET_WITHIN if at else None

    @property
    def can_be_reset(self) -> bool:
        """Return whether it may be reopened: fifteen days."""
        until = self.reset_until
        return until is not None and timezone.now() < until

    @transaction.atomic
    def hand_over(self, **gesture: Any) -> None:
        super().hand_over(**gesture)
        self.move_to(S.TO_REVIEW, by=None)

    def shortlist(self, *, by: User) -> None:
        self._go_forward(S.SHORTLISTED, by=by)

    def set_aside(self, *, by: User, reason: str) -> None:
        self._go_forward(
            S.SET_ASIDE, by=by, note={"reason": str(reason)}, reason=reason
        )

    @transaction.atomic
    def ask_for_more(self, *, by: User, text: str) -> None:
        """Ask the adviser before deciding."""
        self._go_forward(S.ASKED_FOR_MORE, by=by)
        self.questions.create(text=text, asked_by=by)

    @transaction.atomic
    def complete(self, *, by: User, answer: str) -> None:
        """Record the adviser's answer: it is to review again."""
        self.lock()
        if self.state != S.ASKED_FOR_MORE:
            raise MoveRefused("Aucun complément n’est attendu : rechargez la page.")
        self._go_forward(S.TO_REVIEW, by=by)
        question = self.questions.get(answered_at=None)
        question.answer, question.answered_by = answer, by
        question.answered_at = timezone.now()
        question.save(update_fields=["answer", "answered_by", "answered_at"])

    def reset(self, *, by: User) -> None:
        self.lock()
        if not self.can_be_reset:
            raise MoveRefused(
                "Une candidature écartée se reprend dans les quinze jours, et elle "
                "seule."
            )
        self._go_forward(S.TO_REVIEW, by=by, reason="")

    def present(self, *, by: User, on: dt.date) -> None:
        self._refuse_unlikely_day(on)
        self._go_forward(S.PRESENTED, by=by, note={"on": on.isoformat()})


class ApplicationQuestion(models.Model):
    """What an agency asks before it decides, and the adviser's answer."""

    act = models.ForeignKey(
        Act,
        models.PROTECT,
        verbose_name="mise en contact avec présélection",
        related_name="questions",
    )
    text = NoteField("question de l’agence")
    asked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="posée par", related_name="+"
    )
    asked_at = models.DateTimeField("posée le", db_default=Now())
    answer = NoteField("réponse du conseiller", blank=True)
    answered_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name="répondu par",
        related_name="+",
        null=True,
        editable=False,
    )
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)

    class Meta:
        verbose_name = "question d’une agence"
        verbose_name_plural = "questions des agences"
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["act"],
                condition=Q(answered_at__isnull=True),
                name="one_open_question",
                violation_error_message="Une question attend déjà sa réponse.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | ~Q(answer="")
                & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="question_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Question sur {self.act}"
