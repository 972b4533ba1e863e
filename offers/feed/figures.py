import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from offers.feed.models import Channel, EventQuarantine, FeedDelivery, PendingOffer
from opus.lib.jobs import JobRun


@dataclass(frozen=True)
class Figure:
    """A line of the page; ``is_waiting`` if somebody must look."""

    label: str
    value: str
    hint: str = ""
    is_waiting: bool = False


def ago(seconds: float) -> str:
    """Format a duration: « 12 min »."""
    for size, unit in ((172_800, "jours"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // (size // 2):.0f} {unit}"
    return f"{seconds:.0f} s"


def since(at: dt.datetime | None) -> str:
    if at is None:
        return "jamais"
    return f"il y a {ago(max(0.0, (timezone.now() - at).total_seconds()))}"


def last_event() -> Figure:
    if not settings.FEED_SECRETS:
        return Figure("Dernier évènement", "—", "le flux poussé est fermé")
    pushed = FeedDelivery.objects.filter(channel=Channel.PUSH)
    last = pushed.filter(received__gt=0).first()
    if last is None:
        return Figure("Dernier évènement", "jamais")
    lag = "" if last.lag_seconds is None else f"retard : {ago(last.lag_seconds)}"
    return Figure("Dernier évènement", since(last.received_at), lag)


def other_figures() -> list[Figure]:
    """Return rejected events, offers without content, late jobs."""
    waiting = EventQuarantine.objects.waiting().count()
    pending = PendingOffer.objects.order_by("at")
    count, oldest = pending.count(), pending.first()
    hint = f"la plus ancienne : {since(oldest.at)}" if oldest else ""
    late = sorted(JobRun.objects.overdue().values_list("name", flat=True))
    return [
        Figure("Évènements rejetés, à traiter", str(waiting), "à relire", waiting > 0),
        Figure("Offres dont seul l’état est connu", str(count), hint),
        Figure("Tâches de fond en retard", str(len(late)), ", ".join(late), bool(late)),
    ]
