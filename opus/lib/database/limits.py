"""Limits of every session, kept by the database itself (R13).

Not by the client's start-up options: a pooler in transaction mode refuses them, and a
session that it lends would keep another's ``SET``. ``migrate`` writes them, at each
release and after each restore; bulk work lifts them by ``SET LOCAL``.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connection
from psycopg import sql

LIMITS = {
    # A stuck query must not block a page for ever.
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "1min",
    # What a page no longer waits for ends soon after.
    "client_connection_check_interval": "2s",
    # Waking parallel workers costs more than a page's whole search, and eight
    # simultaneous pages have no idle processor to share.
    "max_parallel_workers_per_gather": "0",
    # New offers are merged into the index early: every search reads the pending ones.
    "gin_pending_list_limit": "512kB",
}
OWNED = """
SELECT current_database(), pg_has_role(datdba, 'USAGE')
FROM pg_database WHERE datname = current_database()
"""
MISSING = """
SELECT setting.name FROM unnest(%s::text[], %s::text[]) AS setting (name, value)
WHERE current_setting(setting.name) = '0' AND setting.value <> '0'
"""


def set_limits(**_: Any) -> None:
    """Write them after each ``migrate`` of the owner, for new sessions."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED)
        name, is_owner = cursor.fetchone()
        for setting, value in LIMITS.items() if is_owner else ():
            statement = sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)
            )
            cursor.execute(statement.as_string())


def check_limits(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Check that none is switched off, as after a restore without ``migrate``."""
    if not databases or settings.AS_OWNER:
        return []
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [list(LIMITS), list(LIMITS.values())])
        names = [name for (name,) in cursor.fetchall()]
    if not names:
        return []
    fault = f"The database sets no {', '.join(names)}"
    hint = "run migrate as its owner. See docs/operations/install.md."
    return [Error(f"{fault}: {hint}", id="opus.E015")]
