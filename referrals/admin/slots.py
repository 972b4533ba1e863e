import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from accounts.models import Agency, User
from accounts.scope import within
from offers.models import Offer
from opus.lib.audit import Action, record
from opus.lib.dates import date_format
from opus.lib.forms import DateInput
from opus.lib.staff import (
    ChoiceFilter,
    SheetForm,
    StaffAdmin,
    Verb,
    VerbForm,
    confirming,
)
from opus.lib.working_days import holiday_name
from referrals.actions import slots
from referrals.actions.slots import Followed
from referrals.admin.summonses import CallOffForm
from referrals.forms.closed_days import ask_twice, closed_day_field
from referrals.forms.summonses import (
    LATEST,
    TimeInput,
    check_in_its_field,
    check_where_typed,
    instant_of,
    instant_to_come,
)
from referrals.models import MeetingMode, MoveReason, Slot, Summons
from referrals.models.summonses import SlotQuerySet, place_of

MOST_AT_ONCE = 200
SATURDAY = 5


class SlotForm(SheetForm):
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
        check_where_typed(self)
        if not self.errors:
            self._clean_instants(cleaned)
        return cleaned

    def _clean_instants(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned["day"], cleaned.get("last_day") or cleaned["day"]
        if last == first or not holiday_name(first):
            # A series leaves a holiday out; a single slot, or a Sunday, is asked twice.
            ask_twice(self, first)
        try:
            instants = list(self._instants(cleaned))
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
        cleaned["instants"] = instants
        if not self.errors:
            self._refuse_overlaps(cleaned)
        if not self.errors:
            self.instance.at = instants[0]
            self.instance.offer = cleaned["offer_number"]

    def _refuse_overlaps(self, cleaned: dict[str, Any]) -> None:
        """Refuse a second slot at the same place and hour."""
        wanted = [
            Slot(
                agency=cleaned["agency"],
                offer=cleaned["offer_number"],
                where=cleaned["where"],
                at=at,
                minutes=cleaned["minutes"],
            )
            for at in cleaned["instants"]
        ]
        Agency.objects.select_for_update(no_key=True).get(pk=cleaned["agency"].pk)
        if any(one.ends_at > after.at for one, after in pairwise(wanted)):
            self.add_error("every", "C’est moins que la durée d’un rendez-vous.")
        elif other := Slot.objects.overlapped_by(wanted):
            self.add_error("hour", other.already_open)

    def _instants(self, cleaned: dict[str, Any]) -> Iterator[dt.datetime]:
        first, last = cleaned["day"], cleaned.get("last_day") or cleaned["day"]
        if last > first + LATEST:
            raise ValidationError("Choisissez des dates dans l’année qui vient.")
        for day in days_between(first, last, without=self._left_out(first, last)):
            for hour in hours_between(
                cleaned["hour"],
                cleaned.get("last_hour"),
                minutes=cleaned["minutes"],
                every=cleaned.get("every") or cleaned["minutes"],
            ):
                yield instant_of(day, hour)

    @staticmethod
    def _left_out(first: dt.date, last: dt.date) -> list[dt.date]:
        """Return the holidays of a series, weekends excluded."""
        days = days_between(first, last) if last > first else []
        return [day for day in days if holiday_name(day)]

    @property
    def left_out(self) -> list[dt.date]:
        first, last = self.cleaned_data["day"], self.cleaned_data.get("last_day")
        return self._left_out(first, last or first)


def days_between(
    first: dt.date, last: dt.date, *, without: Collection[dt.date] = ()
) -> Iterator[dt.date]:
    """Yield the first day, then Monday to Friday, except ``without``."""
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        if (number == 0 or day.weekday() < SATURDAY) and day not in without:
            yield day


def hours_between(
    first: dt.time, last: dt.time | None, *, minutes: int, every: int
) -> Iterator[dt.time]:
    """Yield the first hour, then the others that end in time."""
    yield first
    if last is None:
        return
    start = first.hour * 60 + first.minute + every
    while start + minutes <= last.hour * 60 + last.minute:
        yield dt.time(start // 60, start % 60)
        start += every


def whom_it_holds(slot: Slot) -> str:
    """Return how many persons are affected: counts, no names (S24)."""
    taken = slot.places_taken
    return (
        f"{taken} personne{'s y sont attendues' if taken > 1 else ' y est attendue'}."
    )


class MoveSlotForm(VerbForm):
    day = forms.DateField(label="Nouveau jour", widget=DateInput)
    hour = forms.TimeField(label="Heure", widget=TimeInput)
    mode = forms.ChoiceField(label="Forme", choices=MeetingMode.choices)
    where = forms.CharField(
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
        check_in_its_field(self, "hour", self._clean_instant)
        return cleaned

    def _clean_instant(self) -> None:
        cleaned = self.cleaned_data
        if not (cleaned.get("day") and cleaned.get("hour")):
            return
        at = instant_to_come(cleaned["day"], cleaned["hour"])
        if at == self.instance.at and cleaned.get("where") == self.instance.where:
            raise ValidationError("C’est déjà l’heure et le lieu de ce créneau.")
        cleaned["at"] = at
        ask_twice(self, cleaned["day"])

    def save(self, *, by: User) -> Followed:
        cleaned = self.cleaned_data
        to = Slot(
            at=cleaned["at"],
            minutes=self.instance.minutes,
            mode=cleaned["mode"],
            where=cleaned["where"],
        )
        return slots.move_slot(self.instance, by=by, to=to, because=cleaned["because"])


class CallSlotOffForm(CallOffForm):
    act = slots.call_slot_off

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = whom_it_holds(self.instance)


def sheet_of(act: Summons) -> str:
    return reverse("admin:referrals_summons_change", args=[act.pk])


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
    """Once a slot is open, only its number of places changes."""

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
            form=confirming(lambda slot, by: slot.close()),
            is_open=lambda slot, user: slot.is_open and not slot.places_taken,
            action=Action.ADMIN_CHANGED,
        ),
        Verb(
            slug="deplacer",
            label="Déplacer le créneau",
            question="Chaque convocation suit\xa0: l’ancienne n’est plus valable, une "
            "nouvelle est faite, un courriel le dit au conseiller. L’ancien créneau "
            "est fermé.",
            done="Le créneau est déplacé.",
            form=MoveSlotForm,
            is_open=holds_people,
        ),
        Verb(
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
            told = f"{count} convocation{'s ont' if count > 1 else ' a'} suivi."
            self.message_user(request, told, messages.INFO)
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
            ("Convocations", {"fields": ("summonses",)}),
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
        instants = form.cleaned_data["instants"]
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
            for at in instants[1:]
        )
        request.slots_opened = len(instants)  # type: ignore[attr-defined]
        request.days_left_out = form.left_out  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        count = request.slots_opened  # type: ignore[attr-defined]
        told = "Le créneau est ouvert." if count == 1 else f"{count} créneaux ouverts."
        self.message_user(request, told, messages.SUCCESS)
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
    def summonses(self, slot: Slot) -> str:
        """Return the numbers of its convocations, no names (S24)."""
        acts = slot.summonses.order_by("number")
        links = [(sheet_of(act), act.number, act.status) for act in acts]
        return format_html_join(", ", '<a href="{}">{}</a> ({})', links) or "aucune"
