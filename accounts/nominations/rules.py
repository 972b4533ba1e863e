"""Database constraints of nominations, and offices past their end."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.agreements.models.letters import LetterKind
from accounts.nominations import enums
from accounts.nominations.enums import ENDED_STATES, UNDER_WAY_STATES, NominationState
from opus.lib.database.states import known
from opus.lib.dates import days_within
from opus.lib.forms.fields import NOT_WHOLE, shows_whole


def past_their_announced_end() -> Q:
    """Match offices past a last day, or in absence."""
    today = timezone.localdate()
    return Q(state=NominationState.IN_OFFICE) & (
        Q(end_announced_as=enums.AnnouncedEnd.LEAVING, end_announced_on__lt=today)
        | Q(end_announced_as=enums.AnnouncedEnd.ABSENCE, end_announced_on__lte=today)
    )


def awaits_validation() -> Q:
    """Match successors agreed on, whom the regional director has not validated."""
    held = apps.get_model("accounts", "Nomination").objects.exclude(office_on=None)
    same_post = held.filter(convention=OuterRef("convention"))
    return Q(
        Exists(same_post.exclude(pk=OuterRef("pk"))),
        state=NominationState.ACCEPTED,
        validated_on=None,
    )


def is_notified() -> Q:
    """Match those whose structure knows: by a day (4.1), or a posted letter (4.3)."""
    letters = apps.get_model("accounts", "Letter").objects.good()
    posted = letters.filter(
        nomination=OuterRef("pk"),
        kind=LetterKind.CHANGE_VALIDATED,
        posted_on__isnull=False,
    )
    return Q(validated_on=None, notified_on__isnull=False) | Q(Exists(posted))


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
        "proposed_on",
        "opinion_on",
        "decided_on",
        "notified_on",
        "validated_on",
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
            end_announced_as__in=enums.AnnouncedEnd.values,
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
