import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from opus.lib.database.queries import planned_rows


class Throttle(models.Model):
    """Tries of one HMAC: passwords get typed as identifiers."""

    key = models.CharField(max_length=80, primary_key=True)
    tries = ArrayField(models.DateTimeField(), default=list)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {len(self.tries)} essais"


# One statement: each search page runs it, and the row stays locked meanwhile.
ADD_USES = """
INSERT INTO accounts_usage AS held (key, counts, expires_at)
SELECT %(key)s, jsonb_build_object(%(slot)s::text, %(amount)s::int), %(expires_at)s
FROM set_config(
    'synchronous_commit',
    CASE WHEN %(lasts)s THEN current_setting('synchronous_commit') ELSE 'off' END,
    true
)
WHERE %(limit)s::int IS NULL OR %(amount)s <= %(limit)s
ON CONFLICT (key) DO UPDATE SET
    expires_at = EXCLUDED.expires_at,
    counts = (
        SELECT jsonb_object_agg(slot, uses) FROM (
            SELECT slot, sum(uses) AS uses FROM (
                SELECT key AS slot, value::int AS uses FROM jsonb_each_text(held.counts)
                WHERE key::bigint >= %(oldest)s
                UNION ALL SELECT %(slot)s::text, %(amount)s
            ) AS old_and_new GROUP BY slot
        ) AS by_slot
    )
WHERE %(limit)s::int IS NULL OR %(limit)s >= %(amount)s + (
    SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(held.counts)
    WHERE key::bigint >= %(oldest)s
)
RETURNING counts
"""


class UsageManager(models.Manager["Usage"]):
    def add(self, **values: Any) -> int | None:
        """Return the uses since; None above the limit.

        ``values``: the parameters of ``ADD_USES``; ``lasts``: wait for the disk.
        """
        rows = planned_rows(ADD_USES, values)
        return sum(json.loads(rows[0][0]).values()) if rows else None


class Usage(models.Model):
    """Recent uses of one account, by slot of time."""

    key = models.CharField(max_length=80, primary_key=True)
    counts = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)

    objects = UsageManager()

    class Meta:
        verbose_name = "compteur d’usages"
        verbose_name_plural = "compteurs d’usages"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {sum(self.counts.values())} usages"
