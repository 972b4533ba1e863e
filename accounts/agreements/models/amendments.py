"""What two people decide (S28), and amendments (art. 5.2)."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.agreements.models.conventions import TERMS, changes_of, convention_key
from accounts.users.enums import Role
from accounts.users.models import User, person_key
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)
from opus.lib.dates import date_format, days_within
from opus.lib.forms.fields import NameField, phone_field, phones_written


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


def why_not_second(user: User, first: int | None) -> str:
    """Return why this user may not confirm what ``first`` proposed (S28), or ""."""
    if user.role != Role.FT_ADMIN:
        return NO_AGENT
    return SAME_HAND if user.pk == first else ""


class ProposalQuerySet(models.QuerySet[Any]):
    def confirmed(self) -> Self:
        return self.filter(state=ProposalState.CONFIRMED)

    def waiting(self) -> Self:
        return self.filter(state=ProposalState.PROPOSED)

    def in_order(self) -> Self:
        """Order amendments as they take effect."""
        return self.order_by("effective_on", "confirmed_at", "pk")


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
        """Return whether an agent proposed it; administrators decide."""
        return self.proposed_by.role == Role.AGENT

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.PROPOSED

    def may_be_confirmed_by(self, user: User) -> bool:
        return self.is_waiting and not self.why_not_confirm(user)

    def why_not_confirm(self, user: User) -> str:
        first = self.proposed_by_id if self.needs_two else None
        return why_not_second(user, first)

    def may_be_abandoned_by(self, user: User) -> bool:
        is_theirs = user.role == Role.FT_ADMIN or self.proposed_by_id == user.pk
        return self.is_waiting and is_theirs

    def confirm(self, *, by: User, **changes: Any) -> None:
        """Raise MoveRefused for an agent, or one person alone."""
        if sentence := self.why_not_confirm(by):
            raise MoveRefused(sentence)
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


class Amendment(Proposal):
    """A dated change of a signed convention, notified in writing.

    An unchanged term is empty. It counts from its day on by predicate: no job applies
    it. A higher quota needs a second person (S28). A new end is later than today's:
    article 12 ends a convention early.
    """

    convention = convention_key("amendments")
    reference = models.CharField("référence de la notification", max_length=60)
    noticed_on = models.DateField("notification du directeur régional le")
    effective_on = models.DateField("prend effet le")
    consultation = models.BooleanField("consultation des offres", null=True)
    referrals = models.BooleanField("délégation de la mise en relation", null=True)
    quota = models.PositiveSmallIntegerField("comptes utilisateurs actifs", null=True)
    ends_on = models.DateField("fin de la convention", null=True)
    ft_contact = NameField("correspondant France Travail", max_length=120, blank=True)
    ft_contact_email = models.EmailField(
        "courriel du correspondant France Travail", blank=True
    )
    ft_contact_phone = phone_field("téléphone du correspondant France Travail")
    partner_contact = NameField("responsable du suivi", max_length=120, blank=True)
    partner_contact_email = models.EmailField(
        "courriel du responsable du suivi", blank=True
    )
    partner_contact_phone = phone_field("téléphone du responsable du suivi")
    # The database fills these at creation and at confirmation.
    was_quota = models.PositiveSmallIntegerField(null=True, editable=False)
    was_ends_on = models.DateField(null=True, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "avenant"
        ordering = ("-effective_on", "-pk")
        constraints = [
            days_within(
                "noticed_on",
                "effective_on",
                "ends_on",
                "was_ends_on",
                name="amendment_within_the_years",
            ),
            phones_written(
                "ft_contact_phone",
                "partner_contact_phone",
                name="phones_of_an_amendment",
            ),
            confirmed_is_signed("confirmed_amendment_is_signed"),
            two_hands("two_hands_on_an_amendment", Q(quota__gt=F("was_quota"))),
            models.CheckConstraint(
                condition=Q(noticed_on__lte=F("effective_on")),
                name="amendment_noticed_before_its_effect",
                violation_error_message="Un avenant ne prend pas effet avant la "
                "notification écrite du directeur régional (art. 5.2).",
            ),
            # The database wrote what the end was: nobody says it.
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("was_ends_on")),
                name="amendment_prolongs_the_convention",
                violation_error_message="Un avenant ne met pas fin plus tôt à une "
                "convention : proposez une fin anticipée (art. 12).",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("effective_on")),
                name="amendment_before_the_end_it_sets",
                violation_error_message="La nouvelle fin précède la date d’effet de "
                "l’avenant.",
            ),
            models.CheckConstraint(
                condition=Q(consultation__isnull=False)
                | Q(referrals__isnull=False)
                | Q(quota__isnull=False)
                | Q(ends_on__isnull=False)
                | ~Q(ft_contact="")
                | ~Q(ft_contact_email="")
                | ~Q(ft_contact_phone="")
                | ~Q(partner_contact="")
                | ~Q(partner_contact_email="")
                | ~Q(partner_contact_phone=""),
                name="amendment_changes_something",
                violation_error_message="Un avenant change au moins une chose.",
            ),
            known(ProposalState, "amendment_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"avenant du {date_format(self.effective_on)} (réf. {self.reference})"

    @property
    def needs_two(self) -> bool:
        """Return whether a second person must confirm (S28)."""
        is_rise = self.quota is not None and self.quota > (self.was_quota or 0)
        return is_rise or self.is_an_agents

    @property
    def is_future(self) -> bool:
        return self.effective_on > timezone.localdate()

    @property
    def changes(self) -> dict[str, Any]:
        changed = changes_of({name: getattr(self, name) for name in TERMS})
        if self.ends_on is not None:
            changed["ends_on"] = self.ends_on
        return changed

    def lines(self) -> list[tuple[str, str, str]]:
        """Return each change in French: what, before, after."""
        was = self.before()
        return [
            (
                str(self._meta.get_field(name).verbose_name),  # type: ignore[union-attr]
                in_words(was[name]),
                in_words(value),
            )
            for name, value in self.changes.items()
        ]

    def before(self) -> dict[str, Any]:
        """Return the terms that its changes replace."""
        earlier = itertools.takewhile(
            lambda row: row["pk"] != self.pk, self.convention.confirmed_changes()
        )
        terms = self.convention.fold(earlier, self.effective_on)
        was: dict[str, Any] = {
            name: getattr(terms, name) for name in self.changes if name in TERMS
        }
        if self.ends_on is not None:
            was["ends_on"] = self.was_ends_on or self.convention.ends_on
        return was


class AmendmentStep(Step):
    amendment = step_key(Amendment, "avenant")

    class Meta(Step.Meta):
        verbose_name = "étape d’un avenant"
        verbose_name_plural = "étapes d’un avenant"


def in_words(value: Any) -> str:
    """Format a term as both annexes write it."""
    match value:
        case bool():
            return "O" if value else "N"
        case dt.date():
            return date_format(value)
    return str(value or "—")
