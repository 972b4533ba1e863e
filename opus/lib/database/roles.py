"""The two roles of PostgreSQL, and the limits of every session (R13).

Only ``settings.OWNERS_COMMANDS`` work as the owner of the tables. ``migrate`` ends with
the grants, so that tables and functions of a new release have theirs, and writes the
limits of the database itself, at each release and after each restore. Not by the
client's start-up options: a pooler in transaction mode refuses them, and a session that
it lends would keep another's ``SET``. Bulk work lifts them by ``SET LOCAL``.
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


# All or nothing, in one statement: nobody is refused while it runs. Months of the
# journal get no grant: they are read and written through their table only.
GRANTS = """
DO $$
DECLARE
    app CONSTANT name := {app};
    item record;
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %1$I', app);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, %I', app);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, %I', app);
    EXECUTE format('GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', app);
    FOR item IN
        SELECT oid::regclass AS name, CASE relname
            WHEN 'lib_auditentry' THEN 'SELECT, INSERT'
            WHEN 'django_migrations' THEN 'SELECT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END AS rights
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
            AND relkind IN ('r', 'p', 'v') AND NOT relispartition
    LOOP
        EXECUTE format('GRANT %s ON TABLE %s TO %I', item.rights, item.name, app);
    END LOOP;
    -- Those of extensions are not ours to grant.
    FOR item IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
            AND proowner = current_user::regrole
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', item.name);
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', item.name, app);
    END LOOP;
END $$
"""
# Who we are; who owns the journal, once it is there.
OURSELVES = """
SELECT current_user::text, rolsuper, coalesce(
    (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class
        WHERE oid = to_regclass('public.lib_auditentry')),
    false
) FROM pg_roles WHERE rolname = current_user
"""
APPLICATION = """
SELECT rolsuper OR pg_has_role(oid, current_user::regrole, 'USAGE')
FROM pg_roles WHERE rolname = %s
"""
# A restore without rights, a table made by hand: pages are refused one by one.
UNREAD = """
SELECT NOT has_schema_privilege('public', 'USAGE') OR EXISTS (
    SELECT FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p', 'v') AND NOT relispartition
        AND NOT has_table_privilege(oid, 'SELECT')
)
"""
PAGE = "See docs/operations/install.md."


def grants() -> str:
    """Return the statement that gives the application its rights."""
    return sql.SQL(GRANTS).format(app=sql.Literal(settings.APP_ROLE)).as_string()


def grant(**_: Any) -> None:
    """Grant them again after each ``migrate`` of the owner."""
    with connection.cursor() as cursor:
        cursor.execute(OURSELVES)
        _, _, is_owner = cursor.fetchone()
        if is_owner:
            cursor.execute(grants())


def may_read_all() -> bool:
    """Return whether this role may read each table that is there."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD)
        (is_refused,) = cursor.fetchone()
    return not is_refused


def check_roles(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Check that neither role has more rights than its own."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(OURSELVES)
        name, is_superuser, is_owner = cursor.fetchone()
        if is_superuser:
            return [refusal("E011", f"{variable()}: {name} is a superuser", "a plain")]
        if not settings.AS_OWNER:
            fault = f"{variable()}: {name} owns the tables"
            return [refusal("E012", fault, "the application's")] if is_owner else []
        cursor.execute(APPLICATION, [settings.APP_ROLE])
        row = cursor.fetchone()
    if row is None:
        fault = f"OPUS_APP_ROLE: PostgreSQL has no role {settings.APP_ROLE}"
        return [refusal("E013", fault, "an existing")]
    if row[0]:
        fault = f"OPUS_APP_ROLE: {settings.APP_ROLE} has the rights of the owner"
        return [refusal("E014", fault, "another")]
    return []


def variable() -> str:
    return "OPUS_MIGRATE_URL" if settings.AS_OWNER else "DATABASE_URL"


def refusal(number: str, fault: str, wanted: str) -> Error:
    return Error(f"{fault}; name {wanted} role. {PAGE}", id=f"opus.{number}")
