from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.agreements.models import conventions
from accounts.agreements.models.conventions import Convention, convention_key
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import rules
from accounts.nominations.enums import (
    ENDED_STATES,
    IN_FORCE_STATES,
    NOT_REPORTED_STATES,
    OPEN_STATES,
    VACANCY_LETTER_WITHIN,
    AnnouncedEnd,
    CopyChannel,
    Director,
    NominationState,
    Opinion,
    RefusalReason,
    WithdrawalReason,
)
from accounts.users.enums import UserState
from accounts.users.models.users import User, person_key
from opus.lib.database.states import Stateful, Step, state_field, step_key
from opus.lib.database.versions import Versioned
from opus.lib.forms.fields import NameField
from opus.lib.text_guard.fields import GuardedCharField, GuardedNameField


class NominationQuerySet(models.QuerySet[Any]):
    def in_office(self) -> Self:
        """Filter RGCs who manage accounts today: no job is needed."""
        return self.filter(
            ~rules.past_their_announced_end(), state=NominationState.IN_OFFICE
        )

    def past_their_end(self) -> Self:
        return self.filter(rules.past_their_announced_end())

    def on_the_first_day(self) -> Self:
        """Filter RGCs in office who will still be when their convention begins."""
        first = F("convention__starts_on")
        leaving = Q(end_announced_as=AnnouncedEnd.LEAVING, end_announced_on__lt=first)
        absent = Q(end_announced_as=AnnouncedEnd.ABSENCE, end_announced_on__lte=first)
        return self.in_office().exclude(leaving | absent)

    def leaving(self) -> Self:
        return self.in_office().filter(
            end_announced_on__isnull=False, convention__in=Convention.objects.in_force()
        )

    def with_suspended_account(self) -> Self:
        return self.in_office().filter(
            person__state=UserState.SUSPENDED,
            convention__in=Convention.objects.in_force(),
        )

    def awaiting_opinion(self) -> Self:
        """Filter proposals without the site director's (optional) opinion."""
        return self.filter(state=NominationState.PROPOSED, opinion="")

    def awaiting_decision(self) -> Self:
        return self.filter(state=NominationState.PROPOSED)

    def awaiting_validation(self) -> Self:
        """Filter successors whom the regional director has not validated (4.3)."""
        return self.filter(rules.awaits_validation())

    def awaiting_account(self) -> Self:
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(person=None)

    def awaiting_notification(self) -> Self:
        """Filter those agreed on, whose structure is not notified (4.1, 4.3)."""
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(~rules.is_notified())

    def awaiting_office(self) -> Self:
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(rules.is_notified(), person__isnull=False)

    def awaiting_withdrawal(self) -> Self:
        return self.exclude(withdrawal_opinion="").filter(state__in=IN_FORCE_STATES)

    def awaiting_copy(self) -> Self:
        """Filter RGCs in office without a recorded copy."""
        return self.in_office().filter(copy_given_on=None)

    def vacant(self) -> Self:
        """Filter the last RGC of vacant posts (art. 4.3)."""
        same_post = self.model.objects.filter(convention=OuterRef("convention"))
        later = same_post.held_and_over().filter(
            Q(over_on__gt=OuterRef("over_on"))
            | Q(over_on=OuterRef("over_on"), pk__gt=OuterRef("pk"))
        )
        return self.held_and_over().filter(
            ~Exists(same_post.in_office()),
            ~Exists(later),
            convention__in=Convention.objects.in_force(),
        )

    def held_and_over(self) -> Self:
        """Filter ended offices; annotate ``over_on``."""
        return self.annotate(over_on=Coalesce("ended_on", "end_announced_on")).filter(
            Q(state__in=ENDED_STATES) | rules.past_their_announced_end(),
            office_on__isnull=False,
        )

    def letter_overdue(self) -> Self:
        """Filter departures that the structure has not reported in eight days."""
        last = timezone.localdate() - VACANCY_LETTER_WITHIN
        unreported = self.vacant().filter(vacancy_letter_on=None, over_on__lt=last)
        return unreported.exclude(state__in=NOT_REPORTED_STATES)

    # --- From a convention to the next (art. 13) ----------------------------------

    def carried(self) -> Self:
        """Filter offices that go on from the convention before."""
        return self.filter(previous__isnull=False).exclude(
            previous__convention=F("convention")
        )

    def carry_over(self, convention: int, *, by: User) -> None:
        """Put the RGC of a convention in office in its signed renewals.

        A renewal that has a person of its own, in office or proposed, keeps it.
        """
        # A signature and a new RGC at the same instant see each other.
        present = Convention.objects.select_for_update(no_key=True).get(pk=convention)
        for renewal in present.renewals.filter(
            state__in=conventions.IN_FORCE_STATES, keeps_rgc=True
        ):
            rows = self.model.objects.select_for_update(no_key=True, of=("self",))
            served = rows.filter(convention=present).filter(
                Q(state=NominationState.IN_OFFICE)
                | Q(state=NominationState.OVER, end_announced_on=None)
            )
            own = self.model.objects.filter(convention=renewal)
            rgc = served.exclude(person__state=UserState.CLOSED).order_by("pk").last()
            if rgc and not own.filter(state__in=OPEN_STATES).exists():
                rgc.go_on(renewal, by=by)

    def left_in_office(self) -> Self:
        return self.filter(
            state=NominationState.IN_OFFICE,
            convention__state__in=conventions.OVER_STATES,
        )

    def end_with(self, convention: Convention, *, by: User | None) -> None:
        """End the office of a convention that is over, on its last day."""
        ended_on = convention.ended_early_on or convention.ends_on
        in_office = self.filter(state=NominationState.IN_OFFICE)
        for office in in_office.filter(convention=convention):
            # A term that is written down late may precede the office.
            last = max(ended_on, office.office_on)
            office.be_over(by=by, ended_on=last)


# What a nomination brings along where it goes on (art. 13); the copy of the following
# convention is another one.
CARRIED = (
    "person",
    "first_name",
    "last_name",
    "function",
    "is_permanent_staff",
    "has_responsibility",
    "proposed_on",
    "proposal_reference",
    "opinion",
    "opinion_on",
    "opinion_by",
    "decided_on",
    "decision_by",
    "decision_reference",
    "accepted_by",
    "notified_on",
    "validated_on",
    "validation_by",
    "validation_reference",
    "validated_by",
    "office_on",
    "office_by",
    "end_announced_as",
    "end_announced_on",
    "end_announced_by",
)


class Nomination(Versioned, Stateful):
    """The designation of a person as RGC of a convention.

    The structure proposes; the site director may give an opinion; the territorial
    director agrees in writing (4.1); the regional director validates a successor, and
    may withdraw (4.3). The recorder of the agreement may not put in office (S28).
    """

    MOVES = {
        NominationState.PROPOSED: {
            NominationState.ACCEPTED,
            NominationState.REFUSED,
            NominationState.ABANDONED,
        },
        NominationState.ACCEPTED: {
            NominationState.IN_OFFICE,
            NominationState.ABANDONED,
            NominationState.WITHDRAWN,
        },
        NominationState.IN_OFFICE: {
            NominationState.WITHDRAWN,
            NominationState.LEFT,
            NominationState.ABSENT,
            NominationState.OVER,
        },
    }

    convention = convention_key("nominations")
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="fait suite à",
        null=True,
        blank=True,
        related_name="following",
    )
    state = state_field(NominationState.PROPOSED)

    # --- The structure's proposal (4.1) ---
    first_name = GuardedNameField("prénom", max_length=60)
    last_name = GuardedNameField("nom", max_length=60)
    # Set until the account exists, which then stores the address; empty afterwards.
    email = models.EmailField("courriel professionnel", blank=True)
    function = GuardedCharField("fonction", max_length=80)
    is_permanent_staff = models.BooleanField(
        "fait partie du personnel permanent de la structure", default=False
    )
    has_responsibility = models.BooleanField(
        "a une responsabilité opérationnelle sur les utilisateurs", default=False
    )
    proposed_on = models.DateField("lettre de la structure du")
    proposal_reference = models.CharField("référence de la lettre", max_length=60)

    # --- France Travail's answer ---
    opinion = models.CharField(
        "avis du directeur de site", max_length=12, choices=Opinion, blank=True
    )
    opinion_on = models.DateField("avis donné le", null=True, blank=True)
    opinion_by = NameField("avis donné par", max_length=120, blank=True)
    decided_on = models.DateField("décision du", null=True, blank=True)
    decision_by = NameField(
        "décision prise par",
        max_length=120,
        blank=True,
        help_text="Nom et fonction du directeur territorial.",
    )
    decision_reference = models.CharField(
        "référence de la décision", max_length=60, blank=True
    )
    refusal_reason = models.CharField(
        "motif du refus", max_length=20, choices=RefusalReason, blank=True
    )
    accepted_by = person_key(
        "accord enregistré par", null=True, blank=True, editable=False
    )

    # Of a first RGC (4.1); the posted letter notifies a change (4.3).
    notified_on = models.DateField(
        "accord notifié à la structure le", null=True, blank=True
    )

    # --- The regional director's validation of a change (4.3) ---
    validated_on = models.DateField("changement validé le", null=True, blank=True)
    validation_by = NameField(
        "changement validé par",
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="Nom et fonction du directeur régional.",
    )
    validation_reference = models.CharField(
        "référence de la validation",
        max_length=60,
        blank=True,
        default="",
        db_default="",
    )
    validated_by = person_key(
        "validation notée par", null=True, blank=True, editable=False, db_index=False
    )

    # --- The office ---
    person = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="compte",
        null=True,
        blank=True,
        related_name="nominations",
    )
    copy_given_on = models.DateField(
        "copie de la convention remise le", null=True, blank=True
    )
    copy_channel = models.CharField(
        "remise", max_length=10, choices=CopyChannel, blank=True
    )
    office_on = models.DateField("en fonction depuis le", null=True, blank=True)
    office_by = person_key(
        "mise en fonction par", null=True, blank=True, editable=False
    )

    # --- Its end (4.3) ---
    withdrawal_opinion = models.CharField(
        "avis sur le retrait", max_length=12, choices=Opinion, blank=True
    )
    withdrawal_director = models.CharField(
        "avis du", max_length=10, choices=Director, blank=True
    )
    withdrawal_opinion_on = models.DateField("avis donné le", null=True, blank=True)
    withdrawal_opinion_by = NameField("avis donné par", max_length=120, blank=True)
    withdrawal_by = NameField(
        "retrait décidé par",
        max_length=120,
        blank=True,
        help_text="Nom et fonction du directeur régional.",
    )
    withdrawal_reference = models.CharField(
        "référence du retrait", max_length=60, blank=True
    )
    withdrawal_reason = models.CharField(
        "motif du retrait", max_length=20, choices=WithdrawalReason, blank=True
    )
    # Announced in advance: access ends that day by predicate, a job moves the state.
    end_announced_as = models.CharField(
        "fin annoncée",
        max_length=10,
        choices=AnnouncedEnd,
        blank=True,
        default="",
        db_default="",
    )
    end_announced_on = models.DateField("fin annoncée au", null=True, blank=True)
    end_announced_by = person_key(
        "fin annoncée, enregistrée par", null=True, blank=True, editable=False
    )
    ended_on = models.DateField("fin de fonction le", null=True, blank=True)
    vacancy_letter_on = models.DateField("lettre de vacance du", null=True, blank=True)
    vacancy_letter_reference = models.CharField(
        "référence de la lettre de vacance", max_length=60, blank=True
    )

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "nomination de RGC"
        verbose_name_plural = "nominations de RGC"
        ordering = ("-proposed_on", "-pk")
        constraints = rules.CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.full_name} ({self.get_state_display()})"

    @property
    def full_name(self) -> str:
        if self.person:
            return self.person.get_full_name()
        return f"{self.first_name} {self.last_name}"

    # --- A change of RGC (4.3) ----------------------------------------------------

    @property
    def is_successor(self) -> bool:
        """Return whether somebody held this post before."""
        others = self.convention.nominations.exclude(pk=self.pk)
        return others.filter(office_on__isnull=False).exists()

    @property
    def awaits_validation(self) -> bool:
        is_agreed = self.state == NominationState.ACCEPTED
        return is_agreed and self.validated_on is None and self.is_successor

    @property
    def awaits_notification(self) -> bool:
        rows = Nomination.objects.awaiting_notification()
        return rows.filter(pk=self.pk).exists()

    @property
    def change_letter(self) -> Any:
        """Return the registered letter that notifies a change, if any (4.3)."""
        rows = self.letters.good().filter(kind=LetterKind.CHANGE_VALIDATED)
        return rows.defer("html", "content").order_by("rank").last()

    # --- Delays of a vacancy (4.3) ------------------------------------------------

    @property
    def is_past_its_end(self) -> bool:
        if self.state != NominationState.IN_OFFICE or self.end_announced_on is None:
            return False
        today = timezone.localdate()
        if self.end_announced_as == AnnouncedEnd.ABSENCE:
            return self.end_announced_on <= today
        return self.end_announced_on < today

    @property
    def vacant_since(self) -> dt.date | None:
        return self.end_announced_on if self.is_past_its_end else self.ended_on

    @property
    def days_vacant(self) -> int:
        since = self.vacant_since
        return (timezone.localdate() - since).days if since else 0

    @property
    def letter_due_on(self) -> dt.date | None:
        """Return the last day to report a departure or an absence (4.3)."""
        since = self.vacant_since
        if since is None or self.state in NOT_REPORTED_STATES:
            return None
        return since + VACANCY_LETTER_WITHIN

    @property
    def is_letter_overdue(self) -> bool:
        due = self.letter_due_on
        return bool(
            due and self.vacancy_letter_on is None and timezone.localdate() > due
        )

    # --- Moves --------------------------------------------------------------------

    def accept(
        self, *, by: User, decided_on: dt.date, decision_by: str, reference: str = ""
    ) -> None:
        self.move_to(
            NominationState.ACCEPTED,
            by=by,
            decided_on=decided_on,
            decision_by=decision_by,
            decision_reference=reference,
            accepted_by=by,
        )

    def refuse(
        self,
        *,
        by: User,
        decided_on: dt.date,
        decision_by: str,
        reason: str,
        reference: str = "",
    ) -> None:
        """Refuse the proposal and erase the email address."""
        self.move_to(
            NominationState.REFUSED,
            by=by,
            note={"reason": reason},
            decided_on=decided_on,
            decision_by=decision_by,
            decision_reference=reference,
            refusal_reason=reason,
            email="",
        )

    def abandon(self, *, by: User) -> None:
        self.move_to(NominationState.ABANDONED, by=by, email="")

    def take_office(self, *, by: User) -> None:
        self.move_to(
            NominationState.IN_OFFICE,
            by=by,
            office_on=timezone.localdate(),
            office_by=by,
        )

    def withdraw(
        self,
        *,
        by: User,
        decided_on: dt.date,
        decision_by: str,
        reason: str,
        reference: str = "",
    ) -> None:
        """Withdraw by the regional director's decision (4.3)."""
        self.end(
            NominationState.WITHDRAWN,
            by=by,
            note={"reason": reason},
            ended_on=decided_on,
            withdrawal_by=decision_by,
            withdrawal_reference=reference,
            withdrawal_reason=reason,
            email="",
        )

    def leave(self, *, by: User | None, ended_on: dt.date) -> None:
        self.end(NominationState.LEFT, by=by, ended_on=ended_on)

    def be_absent(self, *, by: User | None, ended_on: dt.date) -> None:
        """Record an absence over three months, known or announced (4.3)."""
        self.end(NominationState.ABSENT, by=by, ended_on=ended_on)

    def be_over(self, *, by: User | None, ended_on: dt.date) -> None:
        """End it with its convention; what continues it stays (art. 13)."""
        self.move_to(NominationState.OVER, by=by, ended_on=ended_on)

    # --- From a convention to the next (art. 13) ------------------------------------

    @property
    def carried(self) -> NominationQuerySet:
        """Return what continues it in a following convention."""
        return self.following.carried()

    @property
    def is_carried(self) -> bool:
        previous = self.previous
        return previous is not None and previous.convention_id != self.convention_id

    def go_on(self, renewal: Convention, *, by: User) -> None:
        """Continue in office in a following convention: no second nomination."""
        same = {name: getattr(self, name) for name in CARRIED}
        row = Nomination(convention=renewal, previous=self, **same)
        row.state = NominationState.IN_OFFICE
        row.save()
        row.steps.create(origin="", target=row.state, by=by)

    @transaction.atomic
    def end(self, target: NominationState, *, by: User | None, **changes: Any) -> None:
        """End the office here and where it goes on."""
        self.move_to(target, by=by, **changes)
        for row in self.carried.filter(state=NominationState.IN_OFFICE):
            row.end(target, by=by, **changes)


def awaiting(name: str) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Filter by a step, of conventions that are not over."""
    return lambda rows: rows.filter(
        convention__ends_on__gte=timezone.localdate(),
        pk__in=getattr(Nomination.objects, name)().values("pk"),
    ).exclude(convention__state__in=conventions.OVER_STATES)


class NominationStep(Step):
    nomination = step_key(Nomination, "nomination")

    class Meta(Step.Meta):
        verbose_name = "étape d’une nomination"
        verbose_name_plural = "étapes d’une nomination"
