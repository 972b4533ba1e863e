"""The convocations on an agency's offers (design 2.9)."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from accounts.users.models.users import User
from opus.lib.dates import date_format
from opus.lib.model_admin.admin_actions import (
    AdminAction,
    AdminActionForm,
    confirming,
    leads_to,
)
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from referrals.acts.states import (
    AbsenceKind,
    AppointmentState,
    CancelReason,
    NotHandedBecause,
)
from referrals.appointments.actions import appointments as actions
from referrals.appointments.actions import dates
from referrals.appointments.codes import CallOffReason, MoveReason
from referrals.appointments.forms import FREE, SAME_APPOINTMENT, TimeAndPlaceForm
from referrals.appointments.models.appointments import Appointment
from referrals.corrections.admin import RECTIFY
from referrals.follow_up.admin import PRINT_AGAIN
from referrals.follow_up.queue_admin import QueueAdmin, decision


class AttendVerbForm(AdminActionForm):
    """Needs a reason if no document was handed over."""

    act = actions.attend

    not_handed_because = forms.ChoiceField(
        label="Document non remis, parce que", choices=NotHandedBecause
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.was_handed_over:
            del self.fields["not_handed_because"]


class MissVerbForm(AdminActionForm):
    act = actions.miss

    absence = forms.ChoiceField(label="Absence", choices=AbsenceKind)


class CallOffForm(AdminActionForm):
    """Cancelled by the agency, never in the candidate's name."""

    act: ClassVar[Callable[..., Any]] = actions.call_off

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("", "---------"),
            *CallOffReason.choices,
            *(one for one in CancelReason.choices if one[0] != CancelReason.CANDIDATE),
        ],
    )


def stands_at(act: Appointment) -> str:
    at = date_format(timezone.localtime(act.at), "l j F Y, G \\h i")
    return f"Prévu pour l’instant le {at}."


class MoveForm(TimeAndPlaceForm, AdminActionForm):
    """Another slot or an agreed date, and the reason."""

    act: ClassVar[Callable[..., Any]] = actions.move

    because = forms.ChoiceField(label="Motif", choices=MoveReason)
    own_label = "Une autre date, que l’agence fixe elle-même"
    field_order = ("choice", "day", "hour", "even_closed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        act: Appointment = self.instance
        self.choose_for(act.offer, instead_of=act.slot)
        self.fields["where"].widget.attrs["size"] = 70
        choice: Any = self.fields["choice"]
        choice.help_text = " ".join(filter(None, [stands_at(act), choice.help_text]))
        if self.slots:
            self.fields["day"].help_text = (
                "Le jour, l’heure, la durée, la forme et le lieu ne comptent que pour "
                "une autre date que ces créneaux."
            )
        if act.slot_id and self.data.get("choice") == str(act.slot_id):
            choice.error_messages["invalid_choice"] = SAME_APPOINTMENT
        if not self.slots:
            choice.initial = FREE
            self.fields["day"].help_text = stands_at(act)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and self.is_the_same(self.instance):
            self.add_error("choice", SAME_APPOINTMENT)
        return cleaned

    def save(self, *, by: User) -> None:
        because = self.cleaned_data["because"]
        type(self).act(self.instance, by=by, to=self.chosen, because=because)


class ProposeForm(MoveForm):
    """The adviser's date is refused: another one, for him to accept."""

    act = dates.propose_date
    own_label = "Une autre date, que le conseiller accepte ou décline"


class WorkFilter(ChoiceFilter):
    title = "travail de l’agence"
    parameter_name = "file"
    options = {
        "a-confirmer": (
            "rendez-vous à confirmer",
            lambda acts: acts.waiting_for_agency(),
        ),
        "a-renseigner": ("à renseigner", lambda acts: acts.long_without_status()),
        "a-decider": (
            "candidatures à décider",
            lambda acts: acts.filter(state=AppointmentState.ATTENDED),
        ),
    }


@admin.register(Appointment)
class AppointmentAdmin(QueueAdmin):
    list_display = (
        "number",
        "when",
        "waiting",
        "mode_in_words",
        "offer_in_a_line",
        "structure_link",
        "state_in_words",
    )
    list_filter: ClassVar[Any] = (WorkFilter, *QueueAdmin.list_filter)
    fieldsets: ClassVar[Any] = (
        part(
            None,
            *("state_in_words", "when_and_where", "agreement"),
            *("offer_line", "candidate_line", "adviser_line"),
        ),
        part(
            "Acte",
            "number",
            "created_at",
            "structure",
            "ft_word",
            "slot_in_words",
            "channel",
            "handed_over_on",
        ),
        part("Suivi", "timeline", "documents"),
    )
    admin_actions = (
        decision(
            slug="confirmer-le-rendez-vous",
            label="Confirmer date et lieu",
            question="Le conseiller les a choisis lui-même\xa0: il n’attend que vous "
            "pour remettre la convocation.",
            done="Date et lieu sont confirmés.",
            form=confirming(actions.confirm),
            is_open=lambda act, user: act.can_be_confirmed,
        ),
        AdminAction(
            slug="proposer-une-autre-date",
            label="Proposer une autre date",
            question="Celle du conseiller est refusée, avec ce motif. Un courriel le "
            "lui dit\xa0: il accepte la vôtre d’un clic, ou la décline.",
            done="La date est proposée\xa0; le conseiller est prévenu.",
            form=ProposeForm,
            is_open=lambda act, user: act.can_be_confirmed and act.can_be_changed,
        ),
        AdminAction(
            slug="deplacer",
            label="Déplacer le rendez-vous",
            question="La place est libérée, l’ancienne convocation n’est plus valable "
            "et une nouvelle est faite. Un courriel le dit au conseiller, qui la "
            "remettra au candidat.",
            done="Le rendez-vous est déplacé\xa0; un courriel le dit au conseiller.",
            form=MoveForm,
            is_open=lambda act, user: act.can_be_changed,
        ),
        decision(
            slug="effectue",
            label="Entretien effectué",
            question="Le candidat est venu.",
            done="L’entretien est enregistré comme effectué.",
            form=AttendVerbForm,
            is_open=lambda act, user: act.can_be_recorded,
        ),
        decision(
            slug="absence",
            label="Enregistrer une absence",
            question="Le candidat n’est pas venu. Une absence n’entraîne rien "
            "d’elle-même et n’est dite à personne d’autre que son conseiller.",
            done="L’absence est enregistrée.",
            form=MissVerbForm,
            is_open=lambda act, user: act.can_be_recorded,
        ),
        decision(
            slug="retenir",
            label="Retenir la candidature",
            question="Une mise en contact présélectionnée est créée pour ce "
            "candidat sur cette offre\xa0: elle se présente ensuite à l’employeur.",
            done="La candidature est retenue\xa0: la mise en contact est créée.",
            form=confirming(actions.keep),
            is_open=leads_to(AppointmentState.KEPT),
        ),
        decision(
            slug="ne-pas-retenir",
            label="Ne pas retenir",
            question="Le conseiller le lira\xa0; il le dira au candidat.",
            done="La candidature n’est pas retenue.",
            form=confirming(actions.refuse),
            is_open=leads_to(AppointmentState.NOT_KEPT),
        ),
        AdminAction(
            slug="annuler",
            label="Annuler le rendez-vous",
            question="L’agence l’annule\xa0: la place est libérée et la convocation "
            "n’est plus valable. Un courriel le dit au conseiller.",
            done="Le rendez-vous est annulé.",
            form=CallOffForm,
            is_open=leads_to(AppointmentState.CANCELLED),
            is_grave=True,
        ),
        PRINT_AGAIN,
        RECTIFY,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Django leaves ``list_select_related`` out where a manager selects already.
        shown = super().get_queryset(request)
        return shown.select_related(*self.list_select_related, "details__slot")

    def queue_order(self, request: HttpRequest) -> Any:
        """Return the longest waiting first, else the appointment longest past."""
        queue = request.GET.get(WorkFilter.parameter_name)
        if queue == "a-confirmer":
            return (self.first_in_state().asc(), "pk")
        return ("details__at", "pk") if queue in WorkFilter.options else None

    @admin.display(description="rendez-vous", ordering="details__at")
    def when(self, act: Appointment) -> str:
        return date_format(timezone.localtime(act.at), "l j F Y, G \\h i")

    @admin.display(description="rendez-vous")
    def when_and_where(self, act: Appointment) -> str:
        mode = act.get_mode_display()
        return f"{self.when(act)} ({act.minutes}\xa0min), {mode}\xa0: {act.where}"

    @admin.display(description="forme")
    def mode_in_words(self, act: Appointment) -> str:
        return str(act.get_mode_display())

    @admin.display(description="créneau")
    def slot_in_words(self, act: Appointment) -> Any:
        return act.slot or self.get_empty_value_display()

    @admin.display(description="statut France Travail")
    def ft_word(self, act: Appointment) -> str:
        return act.ft_status

    @admin.display(description="accord de l’agence")
    def agreement(self, act: Appointment) -> str:
        if act.slot_id:
            return "créneau ouvert par l’agence"
        if act.confirmed_at:
            at = timezone.localtime(act.confirmed_at)
            return format_html("donné le {}", date_format(at, "j F Y"))
        if act.waits_for_adviser:
            return "date refusée\xa0: au conseiller d’en choisir une autre"
        return "à donner" if act.waits_for_agency else "non donné"
