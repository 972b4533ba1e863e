import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from offers.feed.health import Health
from offers.models import (
    Channel,
    EventQuarantine,
    FeedDelivery,
    PendingOffer,
    PullKind,
    PullRun,
)
from opus.lib.models import JobRun

type When = dt.datetime | None


@dataclass(frozen=True)
class Figure:
    """A line of the page; ``is_waiting`` if somebody must look."""

    label: str
    value: str
    hint: str = ""
    is_waiting: bool = False


def ago(seconds: float) -> str:
    """« 8 s », « 12 min », « 3 h », « 2 jours »."""
    for size, unit in ((172_800, "jours"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // (size // 2):.0f} {unit}"
    return f"{seconds:.0f} s"


def since(at: When) -> str:
    if at is None:
        return "jamais"
    return f"il y a {ago(max(0.0, (timezone.now() - at).total_seconds()))}"


def figures() -> list[Figure]:
    health = Health()
    return [
        Figure(
            "Dernier signe de vie",
            since(health.last_sign_at) if health.is_configured else "—",
            "évènements ou relève"
            if health.is_configured
            else "aucun flux n’est configuré",
            health.is_silent,
        ),
        last_event(),
        last_poll(),
        last_comparison(),
        rejected_events(),
        pending_offers(),
        overdue_jobs(),
    ]


def last_event() -> Figure:
    if not settings.FEED_SECRETS:
        return Figure("Dernier évènement", "—", "le flux poussé est fermé")
    pushed = FeedDelivery.objects.filter(channel=Channel.PUSH)
    last = pushed.filter(received__gt=0).first()
    if last is None:
        return Figure("Dernier évènement", "jamais")
    lag = "" if last.lag_seconds is None else f"retard : {ago(last.lag_seconds)}"
    return Figure("Dernier évènement", since(last.received_at), lag)


def last_poll() -> Figure:
    """Return the last finished poll, and what delays the current one."""
    if not settings.API_CLIENT_ID:
        return Figure("Dernière relève de l’API", "—", "aucun identifiant d’API")
    runs = PullRun.objects.filter(kind=PullKind.NEWS)
    last = runs.exclude(ended_at=None).first()
    underway = runs.underway().first()
    trouble = underway.trouble if underway else ""
    at = last.ended_at if last else None
    late = at is None or timezone.now() - at > settings.FEED_SILENT_AFTER
    hint = trouble or (f"offres lues : {last.read}" if last else "")
    return Figure("Dernière relève de l’API", since(at), hint, late)


def last_comparison() -> Figure:
    label = "Dernière comparaison complète"
    runs = PullRun.objects.filter(kind=PullKind.COMPARISON)
    underway, last = runs.underway().first(), runs.exclude(ended_at=None).first()
    if underway:
        hint = underway.trouble or f"offres lues : {underway.read}"
        return Figure(label, "en cours", hint, bool(underway.trouble))
    if last is None:
        return Figure(label, "jamais" if settings.API_CLIENT_ID else "—")
    differences = f"écarts corrigés : {last.differences}"
    return Figure(
        label, since(last.ended_at), last.refusal or differences, bool(last.refusal)
    )


def rejected_events() -> Figure:
    count = EventQuarantine.objects.waiting().count()
    return Figure(
        "Évènements rejetés, à traiter", str(count), "à relire", is_waiting=count > 0
    )


def pending_offers() -> Figure:
    pending = PendingOffer.objects.order_by("at")
    count, oldest = pending.count(), pending.first()
    hint = f"la plus ancienne : {since(oldest.at)}" if oldest else ""
    return Figure("Offres dont seul l’état est connu", str(count), hint)


def overdue_jobs() -> Figure:
    names = JobRun.objects.overdue().values_list("name", flat=True)
    late = sorted(names)
    return Figure(
        "Tâches de fond en retard", str(len(late)), ", ".join(late), bool(late)
    )
