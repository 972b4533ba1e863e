"""State of the feed, and effects of silence (R5, 2.10).

A sign of life is an accepted batch, even empty, or a successful poll.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import DateTimeField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property

from offers.feed.models import Channel, FeedDelivery
from opus.lib.dates import date_format

# The last sign, and the end of the last import. The account's query reads them: every
# page shows whether the feed is silent.
SQL = """ARRAY[(SELECT max(received_at) FROM offers_feeddelivery),
    (SELECT max(ended_at) FROM offers_importrun)]"""
DATES = RawSQL(SQL, [], ArrayField(DateTimeField()))  # noqa: S611


class Health:
    """The feed at one instant; ``dates``: as the account has them, else read once."""

    def __init__(self, dates: Sequence[dt.datetime | None] = ()) -> None:
        self.at = timezone.now()
        if dates:
            self.known_dates = dates
        # Pushed, pulled, or both.
        self.is_configured = bool(settings.FEED_SECRETS or settings.API_CLIENT_ID)

    @property
    def last_sign_at(self) -> dt.datetime | None:
        return self.known_dates[0]

    @cached_property
    def known_dates(self) -> Sequence[dt.datetime | None]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {SQL}")
            (dates,) = cursor.fetchone()
        return dates

    @property
    def offers_at(self) -> dt.datetime | None:
        return max((at for at in self.known_dates if at), default=None)

    @property
    def silent_since(self) -> dt.datetime | None:
        # Before any sign, silence counts from the last import.
        sign, last_import = self.known_dates
        return sign or last_import

    @property
    def since(self) -> str:
        """Return the time, with the day unless today."""
        if self.silent_since is None:
            return ""
        at = timezone.localtime(self.silent_since)
        is_today = at.date() == timezone.localdate(self.at)
        return date_format(at, r"G \h i" if is_today else r"\l\e j F à G \h i")

    def is_silent_for(self, length: dt.timedelta) -> bool:
        if not self.is_configured:
            return False
        return self.silent_since is None or self.at - self.silent_since > length

    @property
    def is_silent(self) -> bool:
        """Return whether pages show a badge."""
        return self.is_silent_for(settings.FEED_SILENT_AFTER)

    @property
    def is_stale(self) -> bool:
        """Return whether new acts are *à confirmer*."""
        return self.is_silent_for(settings.FEED_STALE_AFTER)


def context(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"feed": SimpleLazyObject(lambda: Health(getattr(user, "feed_dates", ())))}


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
