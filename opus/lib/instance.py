"""Whether this Opus may speak to the outside: a restored copy never does (R21).

The database remembers where it lives: the site's first name, the cluster's own number,
which ``initdb`` draws, and the database's number within it. The first relay that runs
writes that down. Wherever the rows are brought afterwards (a dump restored elsewhere, a
copy of the whole cluster under another name), one of the three differs, and nothing
leaves until somebody takes the copy over deliberately (``adopt_instance``). A replica
that takes over from its primary keeps all three, and goes on.
"""

from django.conf import settings
from django.db import connection
from django.utils import timezone

from opus.lib.models import Instance

WHERE = """
SELECT system_identifier::text || '/' || (
    SELECT oid FROM pg_database WHERE datname = current_database()
) FROM pg_control_system()
"""


def mark_here() -> str:
    """What tells this running Opus from any other on the same rows."""
    with connection.cursor() as cursor:
        cursor.execute(WHERE)
        (place,) = cursor.fetchone()
    return f"{settings.ALLOWED_HOSTS[0]} {place}"


def is_mute() -> bool:
    """Whether these rows belong to another Opus than this one."""
    owner = Instance.objects.first()
    return owner is not None and owner.mark != mark_here()


def may_speak() -> bool:
    """Whether something may leave. Rows that belong to nobody yet become ours."""
    if not Instance.objects.exists():
        claim = Instance(mark=mark_here())
        Instance.objects.bulk_create([claim], ignore_conflicts=True)
    return not is_mute()


def adopt() -> None:
    """Take the rows over: from now on this Opus speaks for them."""
    Instance.objects.update_or_create(
        pk=1, defaults={"mark": mark_here(), "since": timezone.now()}
    )
