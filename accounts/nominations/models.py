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
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.nominations.enums import (
    ENDED_STATES,
    IN_FORCE_STATES,
    NOT_REPORTED_STATES,
    OPEN_STATES,
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
from accounts.users.enums import UserState
from accounts.users.models import User, person_key
from opus.lib.database.states import Stateful, Step, known, state_field, step_key
from opus.lib.database.versions import Versioned
from opus.lib.dates import days_within
from opus.lib.forms.fields import NOT_WHOLE, NameField, shows_whole
from opus.lib.text_guard.fields import GuardedCharField, GuardedNameField

NOT_NOTIFIED = (
    "L’accord sur cette personne n’est pas notifié à la structure (art. 4.1) : notez "
    "d’abord le jour de cette notification."
)
CHANGE_NOT_NOTIFIED = (
    "Le changement de RGC n’est pas notifié à la structure (art. 4.3) : notez d’abord "
    "le numéro et le jour d’envoi de la lettre recommandée."
)
CHANGE_NOT_VALIDATED = (
    "Cette personne succède à un autre RGC : le directeur régional valide d’abord ce "
    "changement (art. 4.3)."
)


def past_their_announced_end() -> Q:
    """Match offices past a last day, or in absence."""
    today = timezone.localdate()
    return Q(state=NominationState.IN_OFFICE) & (
        Q(end_announced_as=AnnouncedEnd.LEAVING, end_announced_on__lt=today)
        | Q(end_announced_as=AnnouncedEnd.ABSENCE, end_announced_on__lte=today)
    )


def awaits_validation() -> Q:
    """Match successors agreed on, whom the regional director has not validated."""
    held = Nomination.objects.exclude(office_on=None)
    same_post = held.filter(convention=OuterRef("convention"))
    return Q(
        Exists(same_post.exclude(pk=OuterRef("pk"))),
        state=NominationState.ACCEPTED,
        validated_on=None,
    )


def is_notified() -> Q:
    """Match those whose structure knows: by a day (4.1), or a posted letter (4.3)."""
    posted = Letter.objects.good().filter(
        nomination=OuterRef("pk"),
        kind=LetterKind.CHANGE_VALIDATED,
        posted_on__isnull=False,
    )
    return Q(validated_on=None, notified_on__isnull=False) | Q(Exists(posted))


class NominationQuerySet(models.QuerySet[Any]):
    def in_office(self) -> Self:
        """Filter RGCs who manage accounts today: no job is needed."""
        return self.filter(~past_their_announced_end(), state=NominationState.IN_OFFICE)

    def past_their_end(self) -> Self:
        return self.filter(past_their_announced_end())

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
        return self.filter(awaits_validation())

    def agreed(self) -> Self:
        """Filter those agreed on, and validated where they succeed somebody."""
        return self.filter(~awaits_validation(), state=NominationState.ACCEPTED)

    def awaiting_account(self) -> Self:
        return self.agreed().filter(person=None)

    def awaiting_notification(self) -> Self:
        """Filter those agreed on, whose structure is not notified (4.1, 4.3)."""
        return self.agreed().filter(~is_notified())

    def awaiting_office(self) -> Self:
        return self.agreed().filter(is_notified(), person__isnull=False)

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
            Q(state__in=ENDED_STATES) | past_their_announced_end(),
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

    def end_with(self, convention: Convention, *, by: User | None) -> None:
        """End the office of a convention that is over, on its last day."""
        ended_on = convention.ended_early_on or convention.ends_on
        in_office = self.filter(state=NominationState.IN_OFFICE)
        for office in in_office.filter(convention=convention):
            # A term that is written down late may precede the office.
            last = max(ended_on, office.office_on)
            office.move_to(NominationState.OVER, by=by, ended_on=last)


# Decision and end have constraints of their own.
SINCE_THE_LETTER = (
    "opinion_on",
    "copy_given_on",
    "office_on",
    "withdrawal_opinion_on",
    "vacancy_letter_on",
)

CONSTRAINTS = [
    models.CheckConstraint(
        condition=shows_whole("first_name", "last_name"),
        name="rgc_name_shows_whole",
        violation_error_message=NOT_WHOLE,
    ),
    days_within(
        *("proposed_on", "opinion_on", "decided_on", "notified_on", "validated_on"),
        *("copy_given_on", "office_on", "withdrawal_opinion_on"),
        *("end_announced_on", "ended_on", "vacancy_letter_on"),
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
        violation_error_message="Indiquez l’adresse de courriel de la "
        "personne : elle y recevra son identifiant (art. 6).",
    ),
    models.CheckConstraint(
        condition=Q(state__in=[NominationState.PROPOSED, NominationState.ABANDONED])
        | Q(decided_on__isnull=False, decided_on__gte=F("proposed_on"))
        & ~Q(decision_by=""),
        name="rgc_decided_in_writing",
        violation_error_message="La décision du directeur territorial porte "
        "une date et un nom, et ne précède pas la proposition (art. 4.1).",
    ),
    models.CheckConstraint(
        condition=Q(notified_on=None)
        | Q(decided_on__isnull=False, notified_on__gte=F("decided_on")),
        name="rgc_notified_after_the_agreement",
        violation_error_message="La notification ne précède pas l’accord du directeur "
        "territorial (art. 4.1).",
    ),
    # That the letter of a change is posted is a trigger's: it is another table's row.
    models.CheckConstraint(
        condition=Q(office_on=None)
        | Q(validated_on__isnull=False)
        | Q(notified_on__isnull=False, notified_on__lte=F("office_on")),
        name="rgc_notified_before_the_office",
        violation_error_message=NOT_NOTIFIED,
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
    # Second barrier of S28; the action refuses first, with a sentence.
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
        | ~Q(withdrawal_by="") & ~Q(withdrawal_reason=""),
        name="rgc_withdrawn_with_a_reason",
        violation_error_message="Un retrait porte le nom du directeur régional et son "
        "motif (art. 4.3).",
    ),
    # That a successor has one is a trigger's: it reads the other rows of the post.
    models.CheckConstraint(
        condition=Q(
            validated_on=None,
            validated_by=None,
            validation_by="",
            validation_reference="",
        )
        | Q(
            validated_on__gte=F("decided_on"),
            validated_by__isnull=False,
            decided_on__isnull=False,
        )
        & ~Q(validation_by="")
        & ~Q(validation_reference=""),
        name="rgc_change_validated_whole",
        violation_error_message="La validation d’un changement de RGC porte une date, "
        "un nom et une référence, et ne précède pas l’accord (art. 4.3).",
    ),
]


# What a nomination brings along where it goes on (art. 13); the copy of the following
# convention is another one.
CARRIED = (
    *("person", "first_name", "last_name", "function"),
    *("is_permanent_staff", "has_responsibility", "proposed_on", "proposal_reference"),
    *("opinion", "opinion_on", "opinion_by"),
    *("decided_on", "decision_by", "decision_reference", "accepted_by", "notified_on"),
    *("validated_on", "validation_by", "validation_reference", "validated_by"),
    *("office_on", "office_by"),
    *("end_announced_as", "end_announced_on", "end_announced_by"),
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
        constraints = CONSTRAINTS

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

    def take_office(self, *, by: User) -> None:
        self.move_to(
            NominationState.IN_OFFICE,
            by=by,
            office_on=timezone.localdate(),
            office_by=by,
        )

    def leave(self, *, by: User | None, ended_on: dt.date) -> None:
        self.end(NominationState.LEFT, by=by, ended_on=ended_on)

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
