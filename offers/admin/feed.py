"""The feed at the desk: its lag and its last sign, what it rejected and why."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from offers.feed.health import Health
from offers.feed.replay import dismiss, replay
from offers.models import EventQuarantine, FeedDelivery, FeedEvent
from opus.lib.audit import Action
from opus.lib.staff import DayFilter, Queue, ReadOnlyAdmin, Verb, VerbForm


def ago(seconds: float) -> str:
    """« 8 s », « 12 min », « 3 h », « 2 jours »."""
    for size, unit in ((172_800, "jours"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // (size // 2):.0f} {unit}"
    return f"{seconds:.0f} s"


@admin.register(FeedDelivery)
class FeedDeliveryAdmin(ReadOnlyAdmin):
    """Each accepted batch or poll: a sign of life, with what came of it."""

    list_display = (
        "received_at",
        "channel",
        "received",
        "applied",
        "ignored",
        "rejected",
        "lag",
    )
    list_filter = ("channel", ("received_at", DayFilter))
    fields = list_display

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        health = Health()
        last = FeedDelivery.objects.filter(received__gt=0).first()
        if not health.is_configured:
            value, hint = "fermé", "aucun flux n’est configuré"
        elif health.last_sign_at is None:
            value, hint = "aucun signe", "rien n’est encore arrivé"
        else:
            silence = (timezone.now() - health.last_sign_at).total_seconds()
            value, hint = f"il y a {ago(silence)}", "dernier signe du flux"
            if last and last.lag_seconds is not None:
                at = date_format(timezone.localtime(last.received_at), r"j F à G \h i")
                lag = ago(last.lag_seconds)
                hint = f"dernier évènement le {at}, avec {lag} de retard"
        yield Queue(
            rank=38,
            label="Flux des offres",
            value=value,
            url=self.list_url(),
            hint=hint,
            is_waiting=health.is_silent,
        )

    @admin.display(description="retard")
    def lag(self, delivery: FeedDelivery) -> str:
        return "—" if delivery.lag_seconds is None else ago(delivery.lag_seconds)


@admin.register(FeedEvent)
class FeedEventAdmin(ReadOnlyAdmin):
    """The events taken in: what was told of an offer, and when."""

    list_display = ("received_at", "reference", "sequence", "kind", "event_id")
    list_filter = ("kind", ("received_at", DayFilter))
    search_fields = ("=reference", "=event_id")
    search_help_text = "N° d’offre ou d’évènement."
    fields = list_display


class SettledFilter(admin.SimpleListFilter):
    """What still waits for somebody comes first."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attente", "à traiter"), ("regle", "réglé")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "attente":
                return queryset.filter(settled_at__isnull=True)
            case "regle":
                return queryset.filter(settled_at__isnull=False)
        return queryset


class ReplayForm(VerbForm):
    """Read the event again, with today's Opus."""

    def save(self, *, by: Any) -> str:
        return replay(self.instance)


class DismissForm(VerbForm):
    """Nothing more is to be done about it."""

    def save(self, *, by: Any) -> None:
        dismiss(self.instance)


@admin.register(EventQuarantine)
class EventQuarantineAdmin(ReadOnlyAdmin):
    """The events that were rejected, each with its reason; each may be replayed."""

    list_display = ("last_at", "reference", "event_id", "reason", "times", "result")
    list_filter = (SettledFilter, ("last_at", DayFilter))
    search_fields = ("=reference", "=event_id", "reason")
    search_help_text = "N° d’offre, d’évènement, ou motif."
    fields = (
        "reference",
        "event_id",
        "reason",
        ("first_at", "last_at", "times"),
        ("settled_at", "result"),
        "received",
    )
    verbs = (
        Verb(
            slug="rejouer",
            label="Rejouer",
            question="Opus relit cet évènement et l’applique s’il est sain. Un "
            "évènement plus récent de la même offre garde le dernier mot.",
            done="L’évènement est rejoué.",
            form=ReplayForm,
            is_open=lambda rejected, user: rejected.can_be_replayed,
            action=Action.EVENT_REPLAYED,
        ),
        Verb(
            slug="classer",
            label="Classer sans suite",
            question="L’évènement reste visible, et n’attend plus personne.",
            done="L’évènement est classé.",
            form=DismissForm,
            is_open=lambda rejected, user: rejected.is_waiting,
            action=Action.EVENT_DISMISSED,
        ),
    )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        count = EventQuarantine.objects.waiting().count()
        yield Queue(
            rank=39,
            label="Évènements rejetés",
            value=str(count),
            url=self.list_url(etat="attente"),
            hint="à relire, puis à rejouer ou à classer",
            is_waiting=count > 0,
        )

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if result:
            self.message_user(request, result, messages.INFO)
        return super().respond(request, instance, result)

    @admin.display(description="texte reçu")
    def received(self, rejected: EventQuarantine) -> str:
        """As it came, laid out; as it is where it was cut."""
        text = rejected.raw
        if not rejected.is_cut:
            text = json.dumps(json.loads(text), indent=2)
        return format_html("<pre>{}</pre>", text)
