"""``check_rules [--write]``: compare (or update) the tracked file of triggers."""

import difflib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

RULES = Path(__file__).parents[2] / "data" / "rules.sql"
# Without the triggers of extensions; partitions have those of their table.
DEFINITIONS = """
SELECT definition FROM (
    SELECT 1 AS part, proname AS name, pg_get_functiondef(oid) AS definition
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
    UNION ALL
    SELECT 2, tgname, pg_get_triggerdef(pg_trigger.oid)
        || CASE tgenabled WHEN 'D' THEN ' -- disabled' ELSE '' END
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgparentid = 0
        AND relnamespace = 'public'::regnamespace
) AS definitions
ORDER BY part, name COLLATE "C", definition COLLATE "C"
"""


class Command(BaseCommand):
    help = (
        "Compare les déclencheurs et les fonctions de la base à ceux que suit "
        "rules.sql."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="suivre ceux de la base"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: they differ."""
        rules = rules_of_database()
        if options["write"]:
            RULES.write_text(rules, encoding="utf-8")
        tracked = RULES.read_text(encoding="utf-8")
        if rules != tracked:
            before, after = tracked.splitlines(), rules.splitlines()
            lines = difflib.unified_diff(
                before, after, "tracked", "database", lineterm=""
            )
            raise CommandError("\n".join(lines))


def rules_of_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(DEFINITIONS)
        rows = cursor.fetchall()
    return "".join(f"{definition.rstrip()};\n\n" for (definition,) in rows)
