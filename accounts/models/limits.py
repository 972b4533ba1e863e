"""What the limiter remembers of recent tries and uses."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Throttle(models.Model):
    """The recent tries at one door by one account or one address.

    The key is an HMAC: neither the identifier that somebody typed, which may be a
    password typed in the wrong box, nor an address is kept in clear.
    """

    key = models.CharField(max_length=80, primary_key=True)
    tries = ArrayField(models.DateTimeField(), default=list)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {len(self.tries)} essais"


class UsageManager(models.Manager["Usage"]):
    """The counters of uses."""

    def hold(self, key: str, *, expires_at: dt.datetime) -> "Usage":
        """The counter of that key, made where missing, locked until commit.

        One query: a search page pays for it.
        """
        table = self.model._meta.db_table
        return self.raw(
            f"INSERT INTO {table} (key, counts, expires_at) VALUES (%s, '{{}}', %s)"  # noqa: S608
            " ON CONFLICT (key) DO UPDATE SET expires_at = EXCLUDED.expires_at"
            " RETURNING key, counts, expires_at",
            [key, expires_at],
        )[0]


class Usage(models.Model):
    """How often an account did something of late, by slot of time.

    Slots rather than instants: six hundred searches would be six hundred instants,
    written anew at each. The key is an HMAC, as those of ``Throttle``.
    """

    key = models.CharField(max_length=80, primary_key=True)
    counts = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsageManager()

    class Meta:
        verbose_name = "compteur d’usages"
        verbose_name_plural = "compteurs d’usages"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {sum(self.counts.values())} usages"
