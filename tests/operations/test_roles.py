"""The role of the four processes is neither superuser nor owner of the tables.

Here as in production: ``opus`` itself, by a connection of its own, and not the role of
the tests, which may become the owner.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.errors import InsufficientPrivilege, RestrictViolation

from opus.lib.database import roles
from opus.operations import invariants
from tests.cases import each_case
from tests.tables import as_owner, owners_connection

pytestmark = pytest.mark.django_db(transaction=True)

LINE = """
INSERT INTO lib_auditentry (
    at, actor, role, action, target_type, target_id, persons, refused, request_id,
    agent, details
) VALUES ({at}, '', '', 'sign_in', '', '', 0, '', '', '', '{{}}')
"""
REFUSED = [
    # Rules and tables.
    "ALTER TABLE accounts_user DISABLE TRIGGER accounts_user_moves",
    "DROP TRIGGER accounts_user_moves ON accounts_user",
    "ALTER TABLE accounts_user DROP COLUMN state",
    "DROP TABLE referrals_candidate",
    "TRUNCATE referrals_candidate CASCADE",
    "CREATE TABLE public.mine (id int)",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE OR REPLACE FUNCTION opus_allow_moves() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER mine BEFORE INSERT ON accounts_user"
    " FOR EACH ROW EXECUTE FUNCTION opus_allow_moves()",
    "CREATE SCHEMA mine",
    "SET session_replication_role = replica",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('lib', 'x', now())",
    "SELECT setval('referrals_act_number', 1)",
    # The journal, whole and by its month.
    "UPDATE lib_auditentry SET actor = 'x'",
    "DELETE FROM lib_auditentry",
    "DELETE FROM lib_auditentry WHERE at < now() - interval '2 years'",
    "TRUNCATE lib_auditentry",
    "ALTER TABLE lib_auditentry DETACH PARTITION {month}",
    "SELECT FROM {month}",
    "INSERT INTO {month} SELECT * FROM lib_auditentry",
    "UPDATE {month} SET actor = 'x'",
    "DELETE FROM {month}",
    "TRUNCATE {month}",
    "DROP TABLE {month}",
    # The server, its files and its roles.
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/srv/mine'",
    "SELECT pg_read_file('postgresql.auto.conf')",
    "SET ROLE opus_owner",
    "ALTER ROLE opus CREATEDB",
    "ALTER ROLE opus SET opus.purging = 'on'",
    "ALTER ROLE opus SET session_replication_role = replica",
    "ALTER ROLE opus_owner PASSWORD 'x'",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "ALTER SYSTEM SET log_statement = 'all'",
    "CREATE EXTENSION citext",
]
FUNCTIONS = """
SELECT proname, proconfig, proacl::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY proname
"""
RIGHTS = """
SELECT relname, array_to_string(ARRAY(
    SELECT privilege_type FROM aclexplode(relacl)
    WHERE grantee = 'opus'::regrole ORDER BY privilege_type
), ' ')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = ANY(%s)
"""
LIMITS_NOW = "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name"


def address(variable: str) -> str:
    """That role's, of the database of this test."""
    server = os.environ[variable].rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}"


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    server = urlsplit(os.environ["DATABASE_URL"]).netloc.rpartition("@")[2]
    name = connection.settings_dict["NAME"]
    with psycopg.connect(f"postgres://opus@{server}/{name}", autocommit=True) as link:
        yield link


def rows(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def month_of_today() -> str:
    ((name,),) = rows("SELECT 'lib_auditentry_' || to_char(now(), 'YYYY_MM')")
    return str(name)


@pytest.mark.django_db(transaction=False)
@each_case("statement", REFUSED)
def test_the_application_is_refused(application, statement):
    """S37, S42."""
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement.format(month=month_of_today()))


# PostgreSQL lets each role set its own for the sessions to come, and has no right that
# could be taken from it; event triggers do not see roles. So the nightly check looks.
OWN_SETTINGS = [
    "ALTER ROLE opus SET statement_timeout = 0",
    "ALTER ROLE opus IN DATABASE {database} SET lock_timeout = 0",
    "ALTER ROLE opus IN DATABASE {database} SET search_path = pg_temp",
]


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("statement", OWN_SETTINGS)
def test_settings_that_the_application_gives_itself_are_seen(application, statement):
    """S42, R28: until the role is put right again (docs/operations/at-night.md)."""
    rule = invariants.settings_by_hand().sql
    database = connection.settings_dict["NAME"]
    assert application.execute(rule).fetchone() == (0,)

    with application.transaction(force_rollback=True):
        application.execute(statement.format(database=database))

        assert application.execute(rule).fetchone() == (1,)


@pytest.mark.django_db(transaction=False)
@each_case(
    "at",
    ["now() - interval '6 minutes'", "now() + interval '6 minutes'", "'2020-01-01'"],
)
def test_the_application_dates_no_line_of_the_journal_otherwise(application, at):
    """S37."""
    with pytest.raises(RestrictViolation, match="porte la date"):
        application.execute(LINE.format(at=at))


def test_the_owner_may_date_a_line():
    """What an import of old lines needs; the application has not its secret."""
    with owners_connection(), connection.cursor() as cursor:
        cursor.execute(LINE.format(at="'2020-01-01'"))

    assert rows("SELECT count(*) FROM lib_auditentry") == [(1,)]


def test_the_application_opens_and_purges_months_and_no_young_line(application):
    """S40: by functions of the owner, which know the age themselves."""
    application.execute(LINE.format(at="now()"))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(LINE.format(at="now() - interval '13 months'"))

    application.execute("SELECT opus_open_audit_months(now() - interval '14 months',0)")
    application.execute("SELECT opus_drop_audit_months()")
    application.execute("SELECT opus_purge_audit_lines(10)")

    assert rows("SELECT count(*) FROM lib_auditentry") == [(1,)]


def test_the_application_has_fresh_statistics_after_an_import(application):
    for name in ("opus_analyze_offers", "opus_merge_pending_words"):
        application.execute(f"SELECT {name}()")

    found = rows(
        "SELECT relname FROM pg_stat_user_tables"
        " WHERE relname = 'offers_offer' AND last_analyze > now() - interval '1 minute'"
    )
    assert found == [("offers_offer",)]


def test_no_function_of_the_owner_is_open_to_others_or_to_their_schemas():
    """One that forgot its search_path would call what a temporary schema holds."""
    found = rows(FUNCTIONS)

    assert len(found) == 6
    for name, config, rights in found:
        assert (name, config) == (name, ["search_path=public, pg_temp"])
        assert (name, rights) == (name, "{opus_owner=X/opus_owner,opus=X/opus_owner}")


def test_the_application_has_four_rights_and_fewer_where_that_is_enough():
    tables = dict(rows(RIGHTS, ["r", "p"]))
    months = {name for name in tables if name.startswith("lib_auditentry_")}

    assert tables.pop("lib_auditentry") == "INSERT SELECT"
    assert tables.pop("django_migrations") == "SELECT"
    assert {tables.pop(name) for name in months} == {""}
    assert set(tables.values()) == {"DELETE INSERT SELECT UPDATE"}
    assert set(dict(rows(RIGHTS, ["S"])).values()) == {"SELECT USAGE"}


def test_both_roles_are_plain_and_a_plain_owner_may_create_each_extension():
    found = rows(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication,"
        " rolbypassrls FROM pg_roles WHERE rolname IN ('opus', 'opus_owner')"
        " ORDER BY rolname"
    )
    assert found == [
        ("opus", False, False, False, False, False),
        ("opus_owner", False, False, True, False, False),  # CREATEDB: the drill.
    ]
    extensions = rows(
        "SELECT name FROM pg_available_extension_versions"
        " WHERE installed AND NOT trusted"
    )
    assert extensions == []


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    addresses = {name: address(name) for name in ("DATABASE_URL", "OPUS_MIGRATE_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=os.environ | {"OPUS_DEMO": "1"} | addresses | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_migrate_of_the_owner_grants_again(application):
    """As after a restore, or a release with a new table."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE ALL ON referrals_candidate FROM opus")
        cursor.execute(f"GRANT ALL ON {month_of_today()} TO opus")
        cursor.execute("GRANT EXECUTE ON FUNCTION opus_analyze_offers TO PUBLIC")
        database = connection.settings_dict["NAME"]
        cursor.execute(f'ALTER DATABASE "{database}" RESET ALL')

    done = manage("migrate")

    assert (done.returncode, done.stderr) == (0, "")
    # R13: a new session has its limits.
    connection.close()
    assert roles.check_limits(databases=["default"]) == []
    assert dict(rows(LIMITS_NOW, list(roles.LIMITS))) == roles.LIMITS
    application.execute("SELECT FROM referrals_candidate")
    test_the_application_has_four_rights_and_fewer_where_that_is_enough()
    test_no_function_of_the_owner_is_open_to_others_or_to_their_schemas()


@pytest.mark.thorough
def test_migrate_works_as_the_owner_and_nothing_else_does():
    who = "from django.db import connection as c; print(c.settings_dict['USER'])"

    assert settings.AS_OWNER is False
    assert list(settings.DATABASES) == ["default"]
    assert manage("shell", "-v0", "-c", who).stdout.strip() == "opus_tests"
    # The application's own role cannot migrate: it is said before anything is done.
    done = manage("migrate", OPUS_APP_ROLE="opus_owner")
    assert done.returncode == 1
    assert "opus_owner has the rights of the owner" in done.stderr


@pytest.mark.parametrize(
    ("is_owners_command", "user", "app_role", "expected"),
    [
        (False, "opus", "opus", []),
        (False, "opus_owner", "opus", ["opus.E012"]),
        (False, "postgres", "opus", ["opus.E011"]),
        (True, "opus_owner", "opus", []),
        (True, "opus_owner", "nobody", ["opus.E013"]),
        (True, "opus_owner", "opus_owner", ["opus.E014"]),
        (True, "opus_owner", "postgres", ["opus.E014"]),
        (True, "postgres", "opus", ["opus.E011"]),
        (True, "opus", "opus", ["opus.E014"]),
    ],
)
def test_a_role_with_more_rights_than_its_own_is_refused(
    settings, is_owners_command, user, app_role, expected
):
    settings.AS_OWNER, settings.APP_ROLE = is_owners_command, app_role
    with owners_connection(user):
        found = roles.check_roles(databases=["default"])

    assert [each.id for each in found] == expected
    assert roles.check_roles() == []
