from django.conf import settings
from django.utils import timezone

from offers.feed.health import Figure, Health, last_event, since
from offers.feed.models import EventQuarantine, PendingOffer
from offers.pull.models import PullKind, PullRun
from opus.lib.jobs import JobRun


def figures() -> list[Figure]:
    """Return all figures of the feed's admin page."""
    health = Health()
    value, hint = "—", "aucun flux n’est configuré"
    if health.is_configured:
        value, hint = since(health.last_sign_at), "évènements ou relève"
    rejected = EventQuarantine.objects.waiting().count()
    pending = PendingOffer.objects.order_by("at")
    oldest = pending.first()
    age = f"la plus ancienne : {since(oldest.at)}" if oldest else ""
    late = sorted(JobRun.objects.overdue().values_list("name", flat=True))
    return [
        Figure("Dernier signe de vie", value, hint, health.is_silent),
        last_event(),
        last_poll(),
        last_comparison(),
        Figure(
            "Évènements rejetés, à traiter", str(rejected), "à relire", rejected > 0
        ),
        Figure("Offres dont seul l’état est connu", str(pending.count()), age),
        Figure("Tâches de fond en retard", str(len(late)), ", ".join(late), bool(late)),
    ]


def last_poll() -> Figure:
    """Return the last finished poll, and the current one's trouble."""
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
    hint = last.refusal or f"écarts corrigés : {last.differences}"
    return Figure(label, since(last.ended_at), hint, bool(last.refusal))
