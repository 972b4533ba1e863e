"""Whether the feed lives: what its silence changes for people (R5, design 5 and 2.10).

A sign of life is an accepted batch, even empty, or a successful poll. Where no feed is
configured nobody waits for one.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property

from opus.lib.dates import date_format


class Health:
    """The feed at one instant. It asks the database for no more than it is asked."""

    def __init__(self) -> None:
        self.at = timezone.now()
        # Pushed, pulled, or both.
        self.is_configured = bool(settings.FEED_SECRETS or settings.API_CLIENT_ID)

    @property
    def last_sign_at(self) -> dt.datetime | None:
        return self.known_dates[0]

    @property
    def last_import_at(self) -> dt.datetime | None:
        """Files bring offers too: before any sign, silence counts from the last one."""
        return self.known_dates[1]

    @cached_property
    def known_dates(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The last sign and the last import, in one query by their indexes' ends."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT max(received_at) FROM offers_feeddelivery),"
                " (SELECT max(ended_at) FROM offers_importrun)"
            )
            sign, last_import = cursor.fetchone()
        return sign, last_import

    @property
    def offers_at(self) -> dt.datetime | None:
        """When offers were last put up to date, by whatever way."""
        known = [at for at in (self.last_sign_at, self.last_import_at) if at]
        return max(known, default=None)

    @property
    def silent_since(self) -> dt.datetime | None:
        return self.last_sign_at or self.last_import_at

    @property
    def since(self) -> str:
        """« 14 h 32 », or with its day where that is not today; empty if unknown."""
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
        """Long enough for people to be told."""
        return self.is_silent_for(settings.FEED_SILENT_AFTER)

    @property
    def is_stale(self) -> bool:
        """Long enough for a new act to be *à confirmer*."""
        return self.is_silent_for(settings.FEED_STALE_AFTER)


def context(request: HttpRequest) -> dict[str, Any]:
    """``feed``, for the banner of partners' pages; no query before it is asked."""
    return {"feed": SimpleLazyObject(Health)}
