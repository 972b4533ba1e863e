"""Block all sending from a restored copy (R21).

The rows store the site's name, the cluster's number (``initdb``) and its own: a
difference blocks all until ``adopt_instance``. A promoted replica has none.
"""

from django.conf import settings
from django.db import connection
from django.utils import timezone

from opus.lib.outbound.models import Instance

WHERE = """
SELECT system_identifier::text || '/' || (
    SELECT oid FROM pg_database WHERE datname = current_database()
) FROM pg_control_system()
"""


def mark_here() -> str:
    with connection.cursor() as cursor:
        cursor.execute(WHERE)
        (place,) = cursor.fetchone()
    return f"{settings.ALLOWED_HOSTS[0]} {place}"


def is_mute() -> bool:
    owner = Instance.objects.first()
    return owner is not None and owner.mark != mark_here()


def may_speak() -> bool:
    """Return whether Opus may send; adopt rows without an owner."""
    if not Instance.objects.exists():
        claim = Instance(mark=mark_here())
        Instance.objects.bulk_create([claim], ignore_conflicts=True)
    return not is_mute()


def adopt() -> None:
    Instance.objects.update_or_create(
        pk=1, defaults={"mark": mark_here(), "since": timezone.now()}
    )
