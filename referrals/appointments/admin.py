import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts.structures.filters import TerritoryFilter
from accounts.structures.models import Agency
from accounts.users.models import User
from accounts.users.territory import within
from offers.catalogue.models import Offer
from opus.lib.audit.journal import Action, record
from opus.lib.dates import date_format, holiday_name
from opus.lib.forms.base import DateInput
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import (
    AdminAction,
    AdminActionForm,
    ChangeForm,
    confirming,
    leads_to,
)
from opus.lib.model_admin.staff_admin import StaffAdmin
from opus.lib.text_guard.fields import GuardedFormField
from referrals.acts.states import (
    AbsenceKind,
    AppointmentState,
    CancelReason,
    NotHandedBecause,
)
from referrals.appointments import actions
from referrals.appointments.actions import Followed
from referrals.appointments.forms import (
    FREE,
    LATEST,
    SAME_APPOINTMENT,
    TimeAndPlaceForm,
    TimeInput,
    check_where_typed,
    clean_instant,
    closed_day_field,
    instant_of,
    require_tick,
)
from referrals.appointments.models import (
    Appointment,
    CallOffReason,
    MeetingMode,
    MoveReason,
    Slot,
    SlotQuerySet,
    place_of,
)
from referrals.corrections.admin import RECTIFY
from referrals.follow_up.admin import PRINT_AGAIN, QueueAdmin, decision


class AttendVerbForm(AdminActionForm):
    """Needs a reason if no document was handed over."""

    act = actions.attend

    not_handed_because = forms.ChoiceField(
        label="Document non remis, parce que", choices=NotHandedBecause
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.handed_over_on:
            del self.fields["not_handed_because"]


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
        if act.slot_id and self.data.get("choice") == str(act.slot_id):
            choice.error_messages["invalid_choice"] = SAME_APPOINTMENT
        if self.slots:
            self.fields["day"].help_text = (
                "Le jour, l’heure, la durée, la forme et le lieu ne comptent que pour "
                "une autre date que ces créneaux."
            )
        else:
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

    act = actions.propose_date
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
            form=confirming(
                actions.miss,
                absence=forms.ChoiceField(label="Absence", choices=AbsenceKind),
            ),
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


MOST_AT_ONCE = 200

SATURDAY = 5
OF_EACH_SLOT = ("agency", "mode", "where", "minutes", "capacity")


class SlotForm(ChangeForm):
    """One slot, or a series: several days, several hours each."""

    offer_number = forms.CharField(
        label="Numéro d’une offre, si c’est pour elle seule",
        required=False,
        max_length=30,
        help_text="Vide\xa0: pour toutes les offres de l’agence.",
    )
    day = forms.DateField(label="Jour", widget=DateInput)
    last_day = forms.DateField(
        label="Puis du lundi au vendredi, jusqu’au",
        required=False,
        widget=DateInput,
        help_text="Vide\xa0: ce jour seulement. Les jours fériés sont laissés de côté.",
    )
    even_closed = closed_day_field()
    hour = forms.TimeField(label="Heure", widget=TimeInput)
    minutes = forms.IntegerField(
        label="Durée (minutes)", min_value=5, max_value=480, initial=30
    )
    last_hour = forms.TimeField(
        label="Puis à la suite, jusqu’à",
        required=False,
        widget=TimeInput,
        help_text="Le dernier finit à cette heure au plus tard. Vide\xa0: un seul.",
    )
    every = forms.IntegerField(
        label="Un créneau toutes les… minutes",
        required=False,
        min_value=5,
        max_value=480,
        help_text="Vide\xa0: la durée d’un rendez-vous.",
    )

    class Meta:
        model = Slot
        fields = OF_EACH_SLOT
        widgets = {"where": forms.TextInput(attrs={"size": 70})}

    def clean_offer_number(self) -> Offer | None:
        number = "".join(self.cleaned_data["offer_number"].split())
        if not number:
            return None
        offer = Offer.objects.filter(pk__in={number, number.upper()}).first()
        if offer is None or not offer.is_active:
            raise ValidationError(
                "Aucune offre ouverte ne porte ce numéro\xa0: vérifiez-le."
            )
        return offer

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        offer, agency = cleaned.get("offer_number"), cleaned.get("agency")
        if offer and agency and offer.agency_safir != agency.safir:
            self.add_error("offer_number", "Cette offre n’est pas de cette agence.")
        check_where_typed(self)
        if not self.errors:
            self._clean_series(cleaned)
        return cleaned

    def _clean_series(self, typed: dict[str, Any]) -> None:
        """Make the slots of the series; the first one is the instance."""
        first, last = typed["day"], typed.get("last_day") or typed["day"]
        if last == first or not holiday_name(first):
            # A series skips holidays; a single slot, or a Sunday, needs a confirmation.
            require_tick(self, first)
        if last > first + LATEST:
            self.add_error("hour", "Choisissez des dates dans l’année qui vient.")
            return
        days = days_between(first, last)
        self.left_out = [day for day in days if last > first and holiday_name(day)]
        minutes, every = typed["minutes"], typed.get("every") or typed["minutes"]
        hours = hours_between(
            typed["hour"], typed.get("last_hour"), minutes=minutes, every=every
        )
        try:
            instants = [
                instant_of(day, hour)
                for day in days
                if day not in self.left_out
                for hour in hours
            ]
        except ValidationError as error:
            self.add_error("hour", error)
            return
        now = timezone.now()
        if not instants:
            self.add_error("last_day", "Aucun jour ouvert entre ces deux bornes.")
        elif instants[0] <= now:
            self.add_error(
                "hour", "Cette heure est passée\xa0: choisissez-en une à venir."
            )
        elif instants[-1] > now + LATEST:
            self.add_error("day", "Choisissez des dates dans l’année qui vient.")
        elif len(instants) > MOST_AT_ONCE:
            self.add_error(
                "last_day",
                f"Cela ferait {len(instants)} créneaux\xa0: {MOST_AT_ONCE} au plus en "
                "une fois.",
            )
        if not self.errors:
            self._refuse_overlaps(typed, instants)

    def _refuse_overlaps(
        self, typed: dict[str, Any], instants: list[dt.datetime]
    ) -> None:
        """Refuse a second slot at the same place and hour."""
        same = {name: typed[name] for name in OF_EACH_SLOT}
        self.instance.offer = typed["offer_number"]
        wanted = [Slot(at=at, offer=self.instance.offer, **same) for at in instants]
        self.instance.at, self.others = instants[0], wanted[1:]
        Agency.objects.select_for_update(no_key=True).get(pk=typed["agency"].pk)
        if any(one.ends_at > after.at for one, after in pairwise(wanted)):
            self.add_error("every", "C’est moins que la durée d’un rendez-vous.")
        elif other := Slot.objects.overlapped_by(wanted):
            self.add_error("hour", other.already_open)


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the first day, then Monday to Friday."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day == first or day.weekday() < SATURDAY]


def hours_between(
    first: dt.time, last: dt.time | None, *, minutes: int, every: int
) -> list[dt.time]:
    """Return the first hour, then those that end in time."""
    begun = first.hour * 60 + first.minute
    latest = last.hour * 60 + last.minute - minutes if last else begun
    later = range(begun + every, latest + 1, every)
    return [first, *(dt.time(start // 60, start % 60) for start in later)]


def whom_it_holds(slot: Slot) -> str:
    """Return the number of persons affected, no names (S24)."""
    taken = slot.places_taken
    return (
        f"{taken} personne{'s y sont attendues' if taken > 1 else ' y est attendue'}."
    )


class MoveSlotForm(AdminActionForm):
    day = forms.DateField(label="Nouveau jour", widget=DateInput)
    hour = forms.TimeField(label="Heure", widget=TimeInput)
    mode = forms.ChoiceField(label="Forme", choices=MeetingMode.choices)
    where = GuardedFormField(
        place="referrals.slot.where",
        label="Adresse, numéro de téléphone ou lien",
        max_length=200,
        widget=forms.TextInput(attrs={"size": 70}),
    )
    because = forms.ChoiceField(label="Motif", choices=MoveReason)
    even_closed = closed_day_field()
    field_order = ("day", "hour", "even_closed", "mode", "where", "because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        local = timezone.localtime(self.instance.at)
        self.initial = {
            "day": local.date(),
            "hour": local.time(),
            "mode": self.instance.mode,
            "where": self.instance.where,
        }
        self.fields["day"].help_text = whom_it_holds(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_where_typed(self)
        clean_instant(self)
        is_the_same = cleaned.get("where") == self.instance.where
        if cleaned.get("at") == self.instance.at and is_the_same:
            self.add_error("hour", "C’est déjà l’heure et le lieu de ce créneau.")
        return cleaned

    def save(self, *, by: User) -> Followed:
        cleaned = self.cleaned_data
        to = Slot(
            at=cleaned["at"],
            minutes=self.instance.minutes,
            mode=cleaned["mode"],
            where=cleaned["where"],
        )
        return actions.move_slot(
            self.instance, by=by, to=to, because=cleaned["because"]
        )


class CallSlotOffForm(CallOffForm):
    act = actions.call_slot_off

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = whom_it_holds(self.instance)


def holds_people(slot: Slot, user: Any) -> bool:
    return slot.is_open and slot.at > timezone.now() and slot.places_taken > 0


class SlotFilter(ChoiceFilter):
    title = "période"
    parameter_name = "creneaux"
    options = {
        "a-venir": (
            "à venir",
            lambda rows: rows.filter(at__gt=timezone.now(), closed_at__isnull=True),
        ),
        "passes": ("passés", lambda rows: rows.filter(at__lte=timezone.now())),
        "fermes": ("fermés", lambda rows: rows.filter(closed_at__isnull=False)),
    }


@admin.register(Slot)
class SlotAdmin(StaffAdmin):
    """An open slot changes its number of places only."""

    article = "un"
    list_display = ("when", "agency", "mode", "offer", "places", "status")
    list_filter = (SlotFilter, "mode", TerritoryFilter)
    territory_paths = ("agency",)
    list_select_related = ("agency", "offer")
    search_fields = ("=agency__safir", "agency__name", "=offer__reference")
    search_help_text = "Code SAFIR ou nom de l’agence, numéro de l’offre."
    ordering = ("at", "pk")
    admin_actions = (
        AdminAction(
            slug="fermer",
            label="Fermer le créneau",
            question="Personne ne pourra plus le prendre.",
            done="Le créneau est fermé.",
            form=confirming(lambda slot, by: slot.close()),
            is_open=lambda slot, user: slot.is_open and not slot.places_taken,
            action=Action.ADMIN_CHANGED,
        ),
        AdminAction(
            slug="deplacer",
            label="Déplacer le créneau",
            question="Chaque convocation suit\xa0: l’ancienne n’est plus valable, une "
            "nouvelle est faite, un courriel le dit au conseiller. L’ancien créneau "
            "est fermé.",
            done="Le créneau est déplacé.",
            form=MoveSlotForm,
            is_open=holds_people,
        ),
        AdminAction(
            slug="annuler-et-fermer",
            label="Annuler les rendez-vous et fermer",
            question="Toutes les convocations de ce créneau sont annulées, un courriel "
            "le dit à chaque conseiller, puis le créneau est fermé.",
            done="Les rendez-vous sont annulés.",
            form=CallSlotOffForm,
            is_open=holds_people,
            is_grave=True,
        ),
    )

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if isinstance(result, Followed):
            count = result.done
            message = f"{count} convocation{'s ont' if count > 1 else ' a'} suivi."
            self.message_user(request, message, messages.INFO)
            for number, why in result.left:
                self.message_user(request, f"{number}\xa0: {why}", messages.WARNING)
            if Slot.objects.get(pk=instance.pk).is_open:
                self.message_user(
                    request,
                    "Ce créneau reste ouvert pour les convocations qui s’y trouvent "
                    "encore\xa0; personne d’autre ne peut plus le prendre.",
                    messages.WARNING,
                )
        return super().respond(request, instance, result)

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Limit agents to their agency, administrators to their territory."""
        slots: SlotQuerySet = cast(SlotQuerySet, queryset).with_taken()
        return within(slots, user, "agency")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = SlotForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return (
                (None, {"fields": ("agency", "offer_number")}),
                ("Quand", {"fields": (("day", "hour"), "even_closed", "minutes")}),
                ("Plusieurs d’un coup", {"fields": ("last_day", "last_hour", "every")}),
                ("Comment", {"fields": ("mode", "where", "capacity")}),
            )
        return (
            (None, {"fields": ("when", "minutes", "agency", "offer", "mode", "where")}),
            ("Places", {"fields": ("capacity", "places", "status")}),
            ("Ouverture", {"fields": ("opened_by", "opened_at", "closed_at")}),
            ("Convocations", {"fields": ("appointments",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [name for name in names if name != "capacity"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        agency = cast(User, request.user).agency
        return {
            "agency": agency and agency.pk,
            "where": place_of(agency),
            **super().get_changeform_initial_data(request),
        }

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.opened_by = request.user
        super().save_model(request, obj, form, change)
        for slot in form.others:
            slot.opened_by = obj.opened_by
        Slot.objects.bulk_create(form.others)
        request.slots_opened = 1 + len(form.others)  # type: ignore[attr-defined]
        request.days_left_out = form.left_out  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        count = request.slots_opened  # type: ignore[attr-defined]
        message = (
            "Le créneau est ouvert." if count == 1 else f"{count} créneaux ouverts."
        )
        self.message_user(request, message, messages.SUCCESS)
        if days := request.days_left_out:  # type: ignore[attr-defined]
            named = ", ".join(
                f"{date_format(day, 'l j F Y')} ({holiday_name(day)})" for day in days
            )
            label = "Jours fériés laissés" if len(days) > 1 else "Jour férié laissé"
            self.message_user(
                request, f"{label} de côté\xa0: {named}.", messages.WARNING
            )
        return redirect(self.list_url(creneaux="a-venir"))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Write one log entry for the whole series."""
        record(
            Action.ADMIN_ADDED,
            by=request.user,
            target=obj,
            details={"slots": request.slots_opened},  # type: ignore[attr-defined]
        )

    @admin.display(description="date et heure", ordering="at")
    def when(self, slot: Slot) -> str:
        return date_format(timezone.localtime(slot.at), "l j F Y, G \\h i")

    @admin.display(description="places prises")
    def places(self, slot: Slot) -> str:
        return f"{slot.taken} sur {slot.capacity}"

    @admin.display(description="état")
    def status(self, slot: Slot) -> str:
        if not slot.is_open:
            return "fermé"
        if slot.at <= timezone.now():
            return "passé"
        return "ouvert" if slot.places_left > 0 else "complet"

    @admin.display(description="convocations")
    def appointments(self, slot: Slot) -> str:
        """Return the numbers of its convocations, no names (S24)."""
        acts = Appointment.objects.filter(details__slot=slot).order_by("number")
        page = "admin:referrals_appointment_change"
        links = [(reverse(page, args=[act.pk]), act.number, act.status) for act in acts]
        return format_html_join(", ", '<a href="{}">{}</a> ({})', links) or "aucune"
