from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models.conventions import Convention
from accounts.nomination_enums import (
    ENDED_STATES,
    IN_FORCE_STATES,
    UNDER_WAY_STATES,
    VACANCY_LETTER_WITHIN,
    AnnouncedEnd,
    CopyChannel,
    Director,
    NominationState,
    Opinion,
    RefusalReason,
    WithdrawalReason,
)
from opus.lib.bounds import days_within
from opus.lib.fields import NOT_WHOLE, NameField, shows_whole
from opus.lib.states import MoveRefused, Stateful, Step, known, state_field
from opus.lib.text_guard.fields import GuardedCharField
from opus.lib.versions import Versioned

if TYPE_CHECKING:
    from accounts.models.users import User


def past_their_announced_end() -> Q:
    """Who leaves serves the last day; who is absent does not."""
    today = timezone.localdate()
    return Q(state=NominationState.IN_OFFICE) & (
        Q(end_announced_as=AnnouncedEnd.LEAVING, end_announced_on__lt=today)
        | Q(end_announced_as=AnnouncedEnd.ABSENCE, end_announced_on__lte=today)
    )


class NominationQuerySet(models.QuerySet["Nomination"]):
    def in_office(self) -> Self:
        """Those who manage accounts today: a predicate, no job is needed."""
        return self.filter(~past_their_announced_end(), state=NominationState.IN_OFFICE)

    def past_their_end(self) -> Self:
        return self.filter(past_their_announced_end())

    def leaving(self) -> Self:
        return self.in_office().exclude(end_announced_on=None)

    def with_suspended_account(self) -> Self:
        return self.in_office().filter(
            person__state="suspendu", convention__in=Convention.objects.in_force()
        )

    def awaiting_opinion(self) -> Self:
        """Proposed, without the site director's (optional) opinion."""
        return self.filter(state=NominationState.PROPOSED, opinion="")

    def awaiting_decision(self) -> Self:
        return self.filter(state=NominationState.PROPOSED)

    def awaiting_account(self) -> Self:
        return self.filter(state=NominationState.ACCEPTED, person=None)

    def awaiting_office(self) -> Self:
        return self.filter(state=NominationState.ACCEPTED, person__isnull=False)

    def awaiting_withdrawal(self) -> Self:
        return self.exclude(withdrawal_opinion="").filter(state__in=IN_FORCE_STATES)

    def awaiting_copy(self) -> Self:
        """In office; the copy of the convention may not have arrived."""
        return self.in_office().filter(copy_given_on=None)

    def vacant(self) -> Self:
        """The last RGC of conventions in force without one today (art. 4.3)."""
        same_post = Nomination.objects.filter(convention=OuterRef("convention"))
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
        """Ended offices, each with ``over_on``."""
        return self.annotate(over_on=Coalesce("ended_on", "end_announced_on")).filter(
            Q(state__in=ENDED_STATES) | past_their_announced_end(),
            office_on__isnull=False,
        )

    def letter_overdue(self) -> Self:
        """Vacant for eight days without the structure's letter."""
        last = timezone.localdate() - VACANCY_LETTER_WITHIN
        return self.vacant().filter(vacancy_letter_on=None, over_on__lt=last)


WITHDRAWN_AFTER_AN_OPINION = (
    "Le retrait se décide après l’avis du directeur territorial ou du "
    "directeur de site (art. 4.3) : enregistrez d’abord cet avis."
)
# Decision and end have constraints of their own.
SINCE_THE_LETTER = (
    "opinion_on",
    "copy_given_on",
    "office_on",
    "withdrawal_opinion_on",
    "vacancy_letter_on",
)


class Nomination(Versioned, Stateful):
    """The designation of a person as RGC of a convention.

    The structure proposes; the site director may give an opinion; the territorial
    director agrees in writing (4.1); the regional director withdraws after an opinion
    (4.3). Who records the agreement does not put in office (S28).
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
        },
    }

    convention = models.ForeignKey(
        Convention,
        models.PROTECT,
        verbose_name="convention",
        related_name="nominations",
    )
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
    first_name = NameField("prénom", max_length=60)
    last_name = NameField("nom", max_length=60)
    # Until the account exists, which then holds it; empty afterwards.
    email = models.EmailField("adresse électronique professionnelle", blank=True)
    function = GuardedCharField("fonction", max_length=80)
    is_permanent_staff = models.BooleanField(
        "fait partie du personnel permanent de la structure", default=False
    )
    has_responsibility = models.BooleanField(
        "a une responsabilité opérationnelle sur les utilisateurs", default=False
    )
    proposed_on = models.DateField("lettre de la structure du")
    proposal_reference = models.CharField("référence de la lettre", max_length=60)

    # --- What France Travail answers ---
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
    accepted_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="accord enregistré par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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
    office_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="mise en fonction par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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
    # Told beforehand: the access ends that day by predicate, a job moves the state.
    end_announced_as = models.CharField(
        "fin annoncée",
        max_length=10,
        choices=AnnouncedEnd,
        blank=True,
        default="",
        db_default="",
    )
    end_announced_on = models.DateField("fin annoncée au", null=True, blank=True)
    end_announced_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="fin annoncée, enregistrée par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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
        constraints = [
            models.CheckConstraint(
                condition=shows_whole("first_name", "last_name"),
                name="rgc_name_shows_whole",
                violation_error_message=NOT_WHOLE,
            ),
            days_within(
                "proposed_on",
                "opinion_on",
                "decided_on",
                "copy_given_on",
                "office_on",
                "withdrawal_opinion_on",
                "end_announced_on",
                "ended_on",
                "vacancy_letter_on",
                name="nomination_within_the_years",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state=NominationState.IN_OFFICE),
                name="one_rgc_in_office",
                violation_error_message="Cette convention a déjà un RGC en fonction : "
                "enregistrez d’abord son départ.",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state__in=UNDER_WAY_STATES),
                name="one_proposal_under_way",
                violation_error_message="Une autre personne est déjà proposée pour "
                "cette convention : menez d’abord sa nomination à son terme, ou "
                "enregistrez l’abandon de la proposition.",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(**{name: None}) | Q(**{f"{name}__gte": F("proposed_on")})
                        for name in SINCE_THE_LETTER
                    )
                ),
                name="nomination_follows_its_letter",
                violation_error_message="Aucune date d’une nomination ne précède la "
                "lettre de la structure.",
            ),
            known(NominationState, "nomination_state_is_known"),
            models.CheckConstraint(
                condition=Q(is_permanent_staff=True, has_responsibility=True),
                name="rgc_is_permanent_and_responsible",
                violation_error_message="Le RGC fait partie du personnel permanent de "
                "la structure et a une responsabilité opérationnelle sur les "
                "utilisateurs (art. 4.1).",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=UNDER_WAY_STATES)
                | Q(person__isnull=False)
                | ~Q(email=""),
                name="proposed_rgc_can_be_written_to",
                violation_error_message="Indiquez l’adresse électronique de la "
                "personne : elle y recevra son identifiant (art. 6).",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[NominationState.PROPOSED, NominationState.ABANDONED]
                )
                | Q(decided_on__isnull=False, decided_on__gte=F("proposed_on"))
                & ~Q(decision_by=""),
                name="rgc_decided_in_writing",
                violation_error_message="La décision du directeur territorial porte "
                "une date et un nom, et ne précède pas la proposition (art. 4.1).",
            ),
            models.CheckConstraint(
                condition=Q(state=NominationState.REFUSED) ^ Q(refusal_reason=""),
                name="rgc_refused_with_a_reason",
                violation_error_message="Un refus porte son motif (art. 4.1).",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        NominationState.IN_OFFICE,
                        NominationState.LEFT,
                        NominationState.ABSENT,
                    ]
                )
                | Q(person__isnull=False, office_on__isnull=False),
                name="rgc_in_office_has_an_account",
                violation_error_message="Fournissez d’abord le compte de la personne.",
            ),
            # The second line of S28; the action refuses first, with a sentence.
            models.CheckConstraint(
                condition=~Q(state=NominationState.IN_OFFICE)
                | Q(accepted_by__isnull=False, office_by__isnull=False)
                & ~Q(office_by=F("accepted_by")),
                name="rgc_appointed_by_two",
                violation_error_message="La personne qui a enregistré l’accord ne peut "
                "pas mettre elle-même en fonction : demandez à un autre "
                "administrateur.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED_STATES, ended_on__isnull=False)
                | ~Q(state__in=ENDED_STATES) & Q(ended_on=None),
                name="rgc_office_ends_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None)
                | Q(office_on=None)
                | Q(ended_on__gte=F("office_on")),
                name="rgc_office_ends_after_it_began",
                violation_error_message="La fin de fonction ne peut pas précéder la "
                "mise en fonction.",
            ),
            models.CheckConstraint(
                condition=Q(
                    end_announced_as="",
                    end_announced_on__isnull=True,
                    end_announced_by__isnull=True,
                )
                | Q(
                    end_announced_as__in=AnnouncedEnd.values,
                    end_announced_on__isnull=False,
                    end_announced_by__isnull=False,
                    office_on__isnull=False,
                    end_announced_on__gte=F("office_on"),
                ),
                name="rgc_end_announced_whole",
                violation_error_message="Une fin annoncée dit comment, quel jour, et "
                "ne précède pas la mise en fonction.",
            ),
            models.CheckConstraint(
                condition=~Q(state=NominationState.WITHDRAWN)
                | ~Q(withdrawal_opinion="")
                & ~Q(withdrawal_by="")
                & ~Q(withdrawal_reason=""),
                name="rgc_withdrawn_after_an_opinion",
                violation_error_message=WITHDRAWN_AFTER_AN_OPINION,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.get_state_display()})"

    @property
    def full_name(self) -> str:
        if self.person:
            return self.person.get_full_name()
        return f"{self.first_name} {self.last_name}"

    # --- The clock of a vacancy (4.3) ---------------------------------------------

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
        """The last day for the structure's letter to the regional director."""
        since = self.vacant_since
        return since + VACANCY_LETTER_WITHIN if since else None

    @property
    def is_letter_overdue(self) -> bool:
        due = self.letter_due_on
        return bool(
            due and self.vacancy_letter_on is None and timezone.localdate() > due
        )

    # --- Verbs --------------------------------------------------------------------

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

    @transaction.atomic
    def withdraw(
        self,
        *,
        by: User,
        decided_on: dt.date,
        decision_by: str,
        reason: str,
        reference: str = "",
    ) -> None:
        """Withdraw (4.3); raise MoveRefused without a previous opinion."""
        rows = type(self)._base_manager.select_for_update(no_key=True)
        self.withdrawal_opinion = rows.values_list("withdrawal_opinion", flat=True).get(
            pk=self.pk
        )
        if self.can_move_to(NominationState.WITHDRAWN) and not self.withdrawal_opinion:
            raise MoveRefused(WITHDRAWN_AFTER_AN_OPINION)
        self.move_to(
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
        self.move_to(NominationState.LEFT, by=by, ended_on=ended_on)

    def be_absent(self, *, by: User | None, ended_on: dt.date) -> None:
        """Absent for more than three months, known or announced (4.3)."""
        self.move_to(NominationState.ABSENT, by=by, ended_on=ended_on)

    @transaction.atomic
    def record(self, states: Iterable[str], otherwise: str, **facts: Any) -> None:
        """Lock the row and write facts; raise MoveRefused in other states."""
        rows = type(self)._base_manager.select_for_update(no_key=True)
        self.state = rows.values_list("state", flat=True).get(pk=self.pk)
        if self.state not in states:
            raise MoveRefused(otherwise)
        for name, value in facts.items():
            setattr(self, name, value)
        self.save(update_fields=list(facts))


class NominationStep(Step):
    nomination = models.ForeignKey(
        Nomination, models.CASCADE, verbose_name="nomination", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une nomination"
        verbose_name_plural = "étapes d’une nomination"
