import datetime as dt

from django.db import connection
from django.utils import timezone

from opus.lib.demo import brings
from opus.support.service_status.models import Incident, Probe

MEASURED_FOR = dt.timedelta(days=92)
DOWN_FOR = dt.timedelta(minutes=95)


MINUTES = """
INSERT INTO support_probe (minute, state, latency_ms)
SELECT minute,
       CASE WHEN minute >= %(broken)s AND minute < %(mended)s THEN 'down'
            WHEN extract(epoch FROM minute)::bigint / 60 %% 4801 < 6 THEN 'down'
            ELSE 'ok' END,
       20 + extract(epoch FROM minute)::bigint / 60 %% 37
FROM generate_series(%(low)s::timestamptz, %(high)s::timestamptz, '1 minute') AS minute
ON CONFLICT DO NOTHING
"""


@brings("incidents")
def seed_incident() -> int:
    if Incident.objects.exists():
        return 0
    now = timezone.now().replace(second=0, microsecond=0)
    broken = now - dt.timedelta(days=20, hours=3)
    incident = Incident.objects.create(
        title="L’impression des documents",
        advice="Imprimez la version à l’écran du document.",
        started_at=broken,
        declared_at=broken + dt.timedelta(minutes=10),
    )
    incident.end(
        at=broken + DOWN_FOR,
        summary="Un serveur a manqué de place. Il en a reçu davantage, et une alerte "
        "préviendra à temps la prochaine fois.",
    )
    seed_minutes(now, broken)
    return 1


def seed_minutes(now: dt.datetime, broken: dt.datetime) -> None:
    if Probe.objects.filter(minute__lt=now - dt.timedelta(days=1)).exists():
        return
    instants = {"low": now - MEASURED_FOR, "high": now - dt.timedelta(minutes=1)}
    instants |= {"broken": broken, "mended": broken + DOWN_FOR}
    with connection.cursor() as cursor:
        cursor.execute(MINUTES, instants)
