"""Four eyes: one member of staff proposes, another confirms (S28)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.users.enums import Role
from accounts.users.models.keys import person_key
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused, Stateful, state_field


class ProposalState(models.TextChoices):
    PROPOSED = "propose", "à confirmer"
    CONFIRMED = "confirme", "confirmé"
    ABANDONED = "abandonne", "abandonné"


NO_AGENT = (
    "Un administrateur de France Travail confirme : les agents proposent et peuvent "
    "reprendre leur proposition."
)
SAME_HAND = (
    "Une autre personne que celle qui propose doit confirmer : demandez-le à un "
    "collègue."
)


class Proposal(Stateful):
    MOVES = {ProposalState.PROPOSED: {ProposalState.CONFIRMED, ProposalState.ABANDONED}}

    state = state_field(ProposalState.PROPOSED)
    proposed_by = person_key("proposé par", editable=False)
    proposed_at = models.DateTimeField("proposé le", db_default=Now(), editable=False)
    confirmed_by = person_key("confirmé par", null=True, editable=False)
    confirmed_at = models.DateTimeField("confirmé le", null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def needs_two(self) -> bool:
        return True

    @property
    def is_an_agents(self) -> bool:
        """Return whether an agent proposed it; administrators decide (domain 5.7)."""
        return self.proposed_by.role == Role.AGENT

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.PROPOSED

    def may_be_confirmed_by(self, user: User) -> bool:
        is_the_same = self.needs_two and self.proposed_by_id == user.pk
        return self.is_waiting and user.role == Role.FT_ADMIN and not is_the_same

    def may_be_abandoned_by(self, user: User) -> bool:
        is_theirs = user.role == Role.FT_ADMIN or self.proposed_by_id == user.pk
        return self.is_waiting and is_theirs

    def confirm(self, *, by: User, **changes: Any) -> None:
        """Raise MoveRefused for an agent, or one person alone."""
        if by.role != Role.FT_ADMIN:
            raise MoveRefused(NO_AGENT)
        if self.needs_two and self.proposed_by_id == by.pk:
            raise MoveRefused(SAME_HAND)
        self.move_to(
            ProposalState.CONFIRMED,
            by=by,
            confirmed_by=by,
            confirmed_at=timezone.now(),
            **changes,
        )

    def abandon(self, *, by: User) -> None:
        """Abandon it; raise MoveRefused for another agent's proposal."""
        if self.is_waiting and not self.may_be_abandoned_by(by):
            raise MoveRefused(NO_AGENT)
        self.move_to(ProposalState.ABANDONED, by=by)


def confirmed_is_signed(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(
            state=ProposalState.CONFIRMED,
            confirmed_by__isnull=False,
            confirmed_at__isnull=False,
        )
        | ~Q(state=ProposalState.CONFIRMED) & Q(confirmed_by=None, confirmed_at=None),
        name=name,
    )


def two_hands(
    name: str,
    condition: Q | None = None,
    *,
    who: str = "proposed_by",
    confirms: str = "confirmed_by",
) -> models.CheckConstraint:
    """Require ``confirms ≠ who``, if the condition is true (S28)."""
    return models.CheckConstraint(
        condition=(~condition if condition is not None else Q())
        | Q(**{confirms: None})
        | ~Q(**{confirms: F(who)}),
        name=name,
        violation_error_message=SAME_HAND,
    )
