"""The constraints of a request of article 10 (GDPR 12.3)."""

from django.db import models
from django.db.models import F, Q

from opus.lib.database.states import known
from opus.lib.dates import days_within
from opus.lib.forms.fields import NOT_WHOLE, phones_written, shows_whole
from opus.support.data_rights.models.choices import (
    ALONE,
    OPEN_STATES,
    Check,
    PersonKind,
    RequestState,
    Route,
)

RULES: list[models.BaseConstraint] = [
    days_within(
        *("received_on", "redirected_on", "checked_on", "due_on"),
        *("extended_on", "extended_to", "ended_on"),
        name="rights_within_the_years",
    ),
    models.CheckConstraint(
        condition=shows_whole("name"),
        name="rights_name_shows_whole",
        violation_error_message=NOT_WHOLE,
    ),
    phones_written("phone", name="phone_of_a_request"),
    models.CheckConstraint(
        condition=Q(ft_id="") | Q(ft_id__regex=r"^(\d{11}|\d{7}[0-9A-Z])$"),
        name="rights_ft_id_has_one_of_two_forms",
        violation_error_message="Cet identifiant France Travail n’a aucune des deux "
        "formes connues.",
    ),
    known(RequestState, "rights_state_is_known"),
    models.CheckConstraint(
        condition=Q(kind=PersonKind.REGISTERED, agency__isnull=False)
        | ~Q(kind=PersonKind.REGISTERED) & Q(agency__isnull=True),
        name="rights_agency_for_the_registered",
        violation_error_message="Indiquez l’agence d’un demandeur d’emploi "
        "inscrit, et d’aucune autre personne : les autres relèvent du DPO "
        "(art. 10).",
    ),
    models.CheckConstraint(
        condition=Q(state__in=[RequestState.RECEIVED, RequestState.REFUSED])
        | Q(checked_on__isnull=False) & ~Q(check_done=""),
        name="rights_identity_first",
        violation_error_message="L’identité se vérifie d’abord.",
    ),
    models.CheckConstraint(
        condition=Q(state__in=[RequestState.RECEIVED, RequestState.REFUSED])
        | Q(redirected_on__isnull=False)
        | Q(agency__isnull=False, addressed_to=Route.AGENCY)
        | Q(agency__isnull=True, addressed_to=Route.DPO),
        name="rights_by_the_right_route",
        violation_error_message="La demande n’est pas arrivée par la bonne "
        "voie : réorientez-la d’abord (art. 10).",
    ),
    models.CheckConstraint(
        condition=Q(extended_on=None, extended_to=None, extended_because="")
        | Q(extended_on__lte=F("due_on"), extended_to__gt=F("due_on"))
        & ~Q(extended_because=""),
        name="rights_put_off_in_time",
        violation_error_message="La prolongation se dit à la personne dans le "
        "premier mois, avec son motif.",
    ),
    models.CheckConstraint(
        condition=Q(
            state__in=[RequestState.ANSWERED, RequestState.REFUSED],
            ended_on__isnull=False,
        )
        | Q(state__in=OPEN_STATES, ended_on=None),
        name="rights_answered_on_a_day",
    ),
    models.CheckConstraint(
        condition=Q(state=RequestState.REFUSED) & ~Q(refused_because="")
        | ~Q(state=RequestState.REFUSED) & Q(refused_because=""),
        name="rights_refused_with_a_reason",
    ),
    models.CheckConstraint(
        condition=Q(
            *(
                Q(**{name: None}) | Q(**{f"{name}__gte": F("received_on")})
                for name in ("redirected_on", "checked_on", "extended_on", "ended_on")
            )
        ),
        name="rights_follow_their_receipt",
        violation_error_message="Aucune date d’une demande ne précède sa réception.",
    ),
    models.CheckConstraint(
        condition=Q(account=None) | Q(kind__in=[PersonKind.STAFF, PersonKind.PARTNER]),
        name="rights_account_of_its_kind",
        violation_error_message="Un compte est celui d’un agent de France "
        "Travail ou d’une structure partenaire : cette demande est d’une autre "
        "personne.",
    ),
    models.CheckConstraint(
        condition=Q(check_done=Check.SIGNED_IN)
        | Q(checked_by=None)
        | ~Q(checked_by=F("recorded_by")),
        name="rights_checked_by_another",
        violation_error_message=ALONE,
    ),
    models.CheckConstraint(
        condition=~Q(check_done=Check.SIGNED_IN)
        | Q(account__isnull=False, checked_by__isnull=False)
        & Q(account=F("recorded_by"), checked_by=F("recorded_by")),
        name="rights_own_account",
        violation_error_message="Une demande faite par sa propre connexion "
        "porte sur le compte de cette personne, et sur aucun autre.",
    ),
    models.CheckConstraint(
        condition=Q(due_on__gt=F("received_on")), name="rights_due_after_received"
    ),
]
