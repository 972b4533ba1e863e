"""Slots that an agency opens, and the convocations on its offers (design 2.9)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from accounts.models import User
from accounts.scope import within
from offers.models import Offer
from opus.lib.audit import Action, record
from opus.lib.forms import DateInput
from opus.lib.staff import Queue, SheetForm, StaffAdmin, Verb, VerbForm, leads_to
from referrals.actions import summonses as actions
from referrals.admin.acts import PRINT_AGAIN, ActAdmin
from referrals.admin.rectify import RECTIFY
from referrals.forms.summonses import (
    LATEST,
    TimeInput,
    check_where,
    instant_of,
    place_of,
)
from referrals.models import (
    AbsenceKind,
    CancelReason,
    MeetingMode,
    NotHandedBecause,
    Slot,
    Summons,
    SummonsState,
)
from referrals.models.summonses import SlotQuerySet

MOST_AT_ONCE = 200
SATURDAY = 5


# --- Slots ------------------------------------------------------------------------


class SlotForm(SheetForm):
    """One slot, or a series in one gesture: several days, several hours of each."""

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
        help_text="Vide\xa0: ce jour seulement. Fermez ensuite les jours fériés.",
    )
    hour = forms.TimeField(label="Heure", widget=TimeInput)
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
        fields = ("agency", "mode", "where", "minutes", "capacity")
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
        if cleaned.get("where"):
            try:
                check_where(cleaned.get("mode", MeetingMode.PLACE), cleaned["where"])
            except ValidationError as error:
                self.add_error("where", error)
        if not self.errors:
            self._clean_instants(cleaned)
        return cleaned

    def _clean_instants(self, cleaned: dict[str, Any]) -> None:
        try:
            instants = list(self._instants(cleaned))
        except ValidationError as error:
            self.add_error("hour", error)
            return
        now = timezone.now()
        if not instants:
            self.add_error("last_day", "Aucun jour entre ces deux bornes.")
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
        cleaned["instants"] = instants
        if not self.errors:
            self.instance.at = instants[0]
            self.instance.offer = cleaned["offer_number"]

    def _instants(self, cleaned: dict[str, Any]) -> Iterator[dt.datetime]:
        first, last = cleaned["day"], cleaned.get("last_day") or cleaned["day"]
        if last > first + LATEST:
            raise ValidationError("Choisissez des dates dans l’année qui vient.")
        for day in days_between(first, last):
            for hour in hours_between(
                cleaned["hour"],
                cleaned.get("last_hour"),
                minutes=cleaned["minutes"],
                every=cleaned.get("every") or cleaned["minutes"],
            ):
                yield instant_of(day, hour)

    @property
    def series(self) -> list[dt.datetime]:
        instants: list[dt.datetime] = self.cleaned_data["instants"]
        return instants


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The first day whatever it is; then Monday to Friday."""
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        if number == 0 or day.weekday() < SATURDAY:
            yield day


def hours_between(
    first: dt.time, last: dt.time | None, *, minutes: int, every: int
) -> Iterator[dt.time]:
    """The first hour; then one after another, as long as it ends in time."""
    yield first
    if last is None:
        return
    start = first.hour * 60 + first.minute + every
    while start + minutes <= last.hour * 60 + last.minute:
        yield dt.time(start // 60, start % 60)
        start += every


class CloseSlotForm(VerbForm):
    """Nothing to type."""

    def save(self, *, by: User) -> None:
        self.instance.close()


class SlotFilter(admin.SimpleListFilter):
    """Those that one may still take, or could."""

    title = "période"
    parameter_name = "creneaux"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a-venir", "à venir"), ("passes", "passés"), ("fermes", "fermés")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        match self.value():
            case "a-venir":
                return queryset.filter(at__gt=now, closed_at__isnull=True)
            case "passes":
                return queryset.filter(at__lte=now)
            case "fermes":
                return queryset.filter(closed_at__isnull=False)
        return queryset


@admin.register(Slot)
class SlotAdmin(StaffAdmin):
    """A time that the agency opens; once opened, its number of places alone changes."""

    article = "un"
    list_display = ("when", "agency", "mode", "offer", "places", "status")
    list_filter = (SlotFilter, "mode")
    list_select_related = ("agency", "offer")
    search_fields = ("=agency__safir", "agency__name", "=offer__reference")
    search_help_text = "Code SAFIR ou nom de l’agence, numéro de l’offre."
    ordering = ("at", "pk")
    verbs = (
        Verb(
            slug="fermer",
            label="Fermer le créneau",
            question="Personne ne pourra plus le prendre.",
            done="Le créneau est fermé.",
            form=CloseSlotForm,
            is_open=lambda slot, user: slot.is_open and not slot.places_taken,
            action=Action.ADMIN_CHANGED,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """An agent: those of his agency; an administrator: of his territory."""
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
                ("Quand", {"fields": (("day", "hour"), "minutes")}),
                ("Plusieurs d’un coup", {"fields": ("last_day", "last_hour", "every")}),
                ("Comment", {"fields": ("mode", "where", "capacity")}),
            )
        return (
            (None, {"fields": ("when", "minutes", "agency", "offer", "mode", "where")}),
            ("Places", {"fields": ("capacity", "places", "status")}),
            ("Ouverture", {"fields": ("opened_by", "opened_at", "closed_at")}),
            ("Convocations", {"fields": ("summonses",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return (
            "when",
            "minutes",
            "agency",
            "offer",
            "mode",
            "where",
            "places",
            "status",
            "opened_by",
            "opened_at",
            "closed_at",
            "summonses",
        )

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
        """The slot; and where it is new, those of its series with it."""
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.opened_by = request.user
        super().save_model(request, obj, form, change)
        Slot.objects.bulk_create(
            Slot(
                agency=obj.agency,
                offer=obj.offer,
                at=at,
                minutes=obj.minutes,
                mode=obj.mode,
                where=obj.where,
                capacity=obj.capacity,
                opened_by=obj.opened_by,
            )
            for at in form.series[1:]
        )
        request.slots_opened = len(form.series)  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """How many were opened, above the list that has them."""
        count = request.slots_opened  # type: ignore[attr-defined]
        told = "Le créneau est ouvert." if count == 1 else f"{count} créneaux ouverts."
        self.message_user(request, told, messages.SUCCESS)
        return redirect(self.list_url(creneaux="a-venir"))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """One line for the whole series."""
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
    def summonses(self, slot: Slot) -> str:
        """Their numbers: whom they are for stands on their own sheets (S24)."""
        numbers = slot.summonses.order_by("number").values_list("number", flat=True)
        return ", ".join(numbers) or "aucune"


# --- Convocations -----------------------------------------------------------------


class ConfirmDateForm(VerbForm):
    """Nothing to type."""

    def save(self, *, by: User) -> None:
        actions.confirm(self.instance, by=by)


class AttendVerbForm(VerbForm):
    """The person came; why without a document, if so (art. 7)."""

    not_handed_because = forms.ChoiceField(
        label="Convocation non remise, parce que",
        choices=[("", "---------"), *NotHandedBecause.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.was_handed_over:
            del self.fields["not_handed_because"]

    def save(self, *, by: User) -> None:
        actions.attend(self.instance, by=by, **self.cleaned_data)


class MissVerbForm(VerbForm):
    """The person did not come."""

    absence = forms.ChoiceField(
        label="Absence", choices=[("", "---------"), *AbsenceKind.choices]
    )

    def save(self, *, by: User) -> None:
        actions.miss(self.instance, by=by, **self.cleaned_data)


class KeepForm(VerbForm):
    """Nothing to type."""

    def save(self, *, by: User) -> None:
        actions.keep(self.instance, by=by)


class RefuseForm(VerbForm):
    """Nothing to type."""

    def save(self, *, by: User) -> None:
        actions.refuse(self.instance, by=by)


class CallOffForm(VerbForm):
    """The agency calls it off: never in the candidate's name."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("", "---------"),
            *(
                (reason.value, reason.label)
                for reason in CancelReason
                if reason != CancelReason.CANDIDATE
            ),
        ],
    )

    def save(self, *, by: User) -> None:
        actions.call_off(self.instance, by=by, **self.cleaned_data)


class WorkFilter(admin.SimpleListFilter):
    """What waits for the agency."""

    title = "travail de l’agence"
    parameter_name = "file"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("a-confirmer", "rendez-vous à confirmer"),
            ("a-renseigner", "à renseigner"),
            ("a-decider", "candidatures à décider"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return piled(queryset, self.value())


def piled(queryset: Any, pile: str | None) -> QuerySet[Any]:
    """The convocations of one of the agency's piles."""
    piles: dict[str | None, Any] = {
        "a-confirmer": queryset.waiting_for_agency,
        "a-renseigner": queryset.long_without_status,
        "a-decider": lambda: queryset.filter(state=SummonsState.ATTENDED),
    }
    found: QuerySet[Any] = piles[pile]() if pile in piles else queryset
    return found


@admin.register(Summons)
class SummonsAdmin(ActAdmin):
    """A convocation: its appointment, who came, what the agency decides."""

    list_display = (
        "number",
        "when",
        "mode",
        "offer",
        "agency",
        "structure",
        "state",
    )
    list_filter: ClassVar[Any] = (WorkFilter, *ActAdmin.list_filter)
    list_select_related = (*ActAdmin.list_select_related, "slot")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("number", "created_at", "state", "ft_word", "offer_line")}),
        (
            "Rendez-vous",
            {"fields": ("when", "minutes", "mode", "where", "slot", "agreement")},
        ),
        *ActAdmin.fieldsets[1:],
    )
    verbs = (
        Verb(
            slug="confirmer-le-rendez-vous",
            label="Confirmer date et lieu",
            question="Le conseiller les a choisis lui-même\xa0: il n’attend que vous "
            "pour remettre la convocation.",
            done="Date et lieu sont confirmés.",
            form=ConfirmDateForm,
            is_open=lambda act, user: act.waits_for_agency,
            action=None,
        ),
        Verb(
            slug="effectue",
            label="Entretien effectué",
            question="La personne est venue.",
            done="L’entretien est enregistré comme effectué.",
            form=AttendVerbForm,
            is_open=lambda act, user: act.can_be_told,
            action=None,
        ),
        Verb(
            slug="absence",
            label="Enregistrer une absence",
            question="La personne n’est pas venue. Une absence n’entraîne rien "
            "d’elle-même et n’est dite à personne d’autre que son conseiller.",
            done="L’absence est enregistrée.",
            form=MissVerbForm,
            is_open=lambda act, user: act.can_be_told,
            action=None,
        ),
        Verb(
            slug="retenir",
            label="Retenir la candidature",
            question="Une mise en contact présélectionnée est créée pour cette "
            "personne sur cette offre\xa0: elle se présente ensuite à l’employeur.",
            done="La candidature est retenue\xa0: la mise en contact est créée.",
            form=KeepForm,
            is_open=leads_to(SummonsState.KEPT),
            action=None,
        ),
        Verb(
            slug="ne-pas-retenir",
            label="Ne pas retenir",
            question="Le conseiller le lira\xa0; il le dira à la personne.",
            done="La candidature n’est pas retenue.",
            form=RefuseForm,
            is_open=leads_to(SummonsState.NOT_KEPT),
            action=None,
        ),
        Verb(
            slug="annuler",
            label="Annuler le rendez-vous",
            question="L’agence l’annule\xa0: la place est libérée et la convocation "
            "n’est plus valable. Un courriel le dit au conseiller.",
            done="Le rendez-vous est annulé.",
            form=CallOffForm,
            is_open=leads_to(SummonsState.CANCELLED),
            action=None,
            is_grave=True,
        ),
        PRINT_AGAIN,
        RECTIFY,
    )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        mine = self.within(Summons.objects.all(), request.user)
        tiles = (
            (
                "a-confirmer",
                "Rendez-vous à confirmer",
                "dates que des conseillers ont choisies eux-mêmes",
            ),
            (
                "a-renseigner",
                "Convocations à renseigner",
                "rendez-vous passés depuis plus d’une semaine, sans un mot",
            ),
            (
                "a-decider",
                "Entretiens à conclure",
                "personnes venues\xa0: retenir la candidature, ou non",
            ),
        )
        for rank, (pile, label, hint) in enumerate(tiles, 51):
            count = piled(mine, pile).count()
            yield Queue(
                rank=rank,
                label=label,
                value=str(count),
                url=self.list_url(file=pile),
                hint=hint,
                is_waiting=count > 0,
            )
        yield self.failed_documents(request, "Convocations en échec")

    @admin.display(description="rendez-vous", ordering="at")
    def when(self, act: Summons) -> str:
        return date_format(timezone.localtime(act.at), "l j F Y, G \\h i")

    @admin.display(description="statut France Travail")
    def ft_word(self, act: Summons) -> str:
        return act.ft_status

    @admin.display(description="accord de l’agence")
    def agreement(self, act: Summons) -> str:
        if act.slot_id:
            return "créneau ouvert par l’agence"
        if act.confirmed_at:
            at = timezone.localtime(act.confirmed_at)
            return format_html("donné le {}", date_format(at, "j F Y"))
        return "à donner" if act.waits_for_agency else "non donné"
