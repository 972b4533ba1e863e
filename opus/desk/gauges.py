"""How the offers come in: three figures under the desk's queues."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince

from offers.feed.health import Health, last_event, since
from offers.feed.models import FeedDelivery
from offers.files.models import ImportRun
from offers.pull.health import last_comparison, last_poll
from offers.pull.models import PullRun


@dataclass(frozen=True)
class Gauge:
    model: type[Model]
    label: str
    value: str
    hint: str
    is_waiting: bool

    @property
    def url(self) -> str:
        pages: Any = admin.site.get_model_admin(self.model)
        return str(pages.list_url())


def gauges_of(request: HttpRequest) -> Iterator[Gauge]:
    for model, read in ((FeedDelivery, feed), (PullRun, pull), (ImportRun, imports)):
        if admin.site.get_model_admin(model).has_view_permission(request):
            yield read()


def feed() -> Gauge:
    health = Health()
    event = last_event()
    if not health.is_configured:
        value, hint = "fermé", "aucun flux n’est configuré"
    elif health.last_sign_at is None:
        value, hint = "aucun signe", "rien n’est encore arrivé"
    else:
        value = since(health.last_sign_at)
        hint = f"dernier évènement\xa0: {event.value}"
        hint += f" ({event.hint})" if event.hint else ""
    return Gauge(FeedDelivery, "Flux des offres", value, hint, health.is_silent)


def pull() -> Gauge:
    poll, comparison = last_poll(), last_comparison()
    hint = f"{poll.hint}\xa0; comparaison complète\xa0: {comparison.value}"
    hint += f" ({comparison.hint})" if comparison.hint else ""
    is_waiting = poll.is_waiting or comparison.is_waiting
    return Gauge(PullRun, "Relève de l’API", poll.value, hint, is_waiting)


def imports() -> Gauge:
    last = ImportRun.objects.first()
    if last is None:
        value, hint = "aucun", "aucun fichier d’offres n’a été importé"
    else:
        is_fresh = timezone.now() - last.started_at < dt.timedelta(minutes=1)
        ago = timesince(last.started_at, depth=1)
        value = "à l’instant" if is_fresh else f"il y a {ago}"
        hint = f"lignes lues\xa0: {last.read}, rejetées\xa0: {last.rejected}"
    is_waiting = last is not None and last.ended_at is None
    return Gauge(ImportRun, "Dernier import", value, hint, is_waiting)
