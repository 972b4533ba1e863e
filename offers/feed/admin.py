import json
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from offers.feed.actions import dismiss, replay
from offers.feed.health import ago
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent
from opus.lib.audit.journal import Action
from opus.lib.model_admin.filters import ChoiceFilter, DayFilter
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin


@admin.register(FeedDelivery)
class FeedDeliveryAdmin(ReadOnlyAdmin):
    counts = ("received", "applied", "ignored", "rejected")
    list_display = ("received_at", "channel", *counts, "lag")
    list_filter = ("channel", ("received_at", DayFilter))
    fields = list_display
    change_list_template = "admin/feed.html"

    @admin.display(description="retard")
    def lag(self, delivery: FeedDelivery) -> str:
        return "—" if delivery.lag_seconds is None else ago(delivery.lag_seconds)


@admin.register(FeedEvent)
class FeedEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "reference", "sequence", "kind", "event_id")
    list_filter = ("kind", ("received_at", DayFilter))
    search_fields = ("=reference", "=event_id")
    search_help_text = "N° d’offre ou d’évènement."
    fields = list_display


class SettledFilter(ChoiceFilter):
    title = "état"
    parameter_name = "etat"
    options = {
        "attente": ("à traiter", lambda rows: rows.filter(settled_at__isnull=True)),
        "regle": ("réglé", lambda rows: rows.filter(settled_at__isnull=False)),
    }


@admin.register(EventQuarantine)
class EventQuarantineAdmin(ReadOnlyAdmin):
    list_display = ("last_at", "reference", "event_id", "reason", "times", "result")
    list_filter = (SettledFilter, ("last_at", DayFilter))
    search_fields = ("=reference", "=event_id", "reason")
    search_help_text = "N° d’offre, d’évènement, ou motif."
    dates = (("first_at", "last_at", "times"), ("settled_at", "result"))
    fields = ("reference", "event_id", "reason", *dates, "received")
    admin_actions = (
        AdminAction(
            slug="rejouer",
            label="Rejouer",
            question="Opus relit cet évènement et l’applique s’il est sain. Un "
            "évènement plus récent de la même offre garde le dernier mot.",
            done="L’évènement est rejoué.",
            form=confirming(lambda rejected, by: replay(rejected)),
            is_open=lambda rejected, user: rejected.can_be_replayed,
            action=Action.EVENT_REPLAYED,
        ),
        AdminAction(
            slug="classer",
            label="Classer sans suite",
            question="L’évènement reste visible, et n’attend plus personne.",
            done="L’évènement est classé.",
            form=confirming(lambda rejected, by: dismiss(rejected)),
            is_open=lambda rejected, user: rejected.is_waiting,
            action=Action.EVENT_DISMISSED,
        ),
    )

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if result:
            self.message_user(request, result, messages.INFO)
        return super().respond(request, instance, result)

    @admin.display(description="texte reçu")
    def received(self, rejected: EventQuarantine) -> str:
        """Return the event, indented if it is whole JSON."""
        raw = rejected.raw
        text = raw if rejected.is_cut else json.dumps(json.loads(raw), indent=2)
        return format_html("<pre>{}</pre>", text)
