from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from accounts.structures.territory_filter import TerritoryFilter
from accounts.users.models.users import User
from accounts.users.territory import within
from opus.lib.audit.journal import Action, record
from opus.lib.dates import date_format, holiday_name
from opus.lib.model_admin.admin_actions import AdminAction, confirming
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.staff_admin import StaffAdmin
from referrals.appointments.actions.slots import Followed
from referrals.appointments.admin.slot_forms import (
    CallSlotOffForm,
    MoveSlotForm,
    SlotForm,
)
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import Slot, SlotQuerySet, place_of


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
