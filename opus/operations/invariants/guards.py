"""What PostgreSQL itself must hold: triggers, functions, settings (R28).

``rules.sql`` has the triggers and functions that the migrations of this release make;
``bin/check`` fails where the two differ.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from opus.lib.database.limits import LIMITS
from opus.operations.invariants.counting import Invariant

TRACKED = Path(__file__).parents[1] / "data" / "rules.sql"
# Without the triggers of extensions; partitions have those of their table.
DEFINITIONS = """
SELECT part, name, rtrim(definition, E' \\n') AS definition FROM (
    SELECT 1 AS part, proname::text AS name, pg_get_functiondef(oid) AS definition
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
    UNION ALL
    SELECT 2, tgname || ' ON ' || relname, pg_get_triggerdef(pg_trigger.oid)
        || CASE tgenabled WHEN 'D' THEN ' -- disabled' ELSE '' END
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgparentid = 0
        AND relnamespace = 'public'::regnamespace
) AS definitions
"""
# Each begins a line; only its own line has the name.
BEGINNING = re.compile(
    r"^CREATE (?:OR REPLACE (?:FUNCTION|PROCEDURE) public\.(?P<function>\w+)\("
    r"|(?:CONSTRAINT )?TRIGGER (?P<trigger>\w+) .* ON public\.(?P<table>\w+) )",
    re.MULTILINE,
)
END = ";\n\n"
# A restoration writes a trigger's condition anew, with other parentheses and casts.
REWRITTEN = r"[()]|::(character varying|text)(\[\])?"


def rules() -> Iterator[Invariant]:
    both = f"""
        SELECT count(*) FROM jsonb_each_text('{json.dumps(tracked())}')
            AS tracked (name, digest)
        FULL JOIN (
            SELECT name, encode(sha256(convert_to(string_agg(
                definition, '' ORDER BY definition COLLATE "C"
            ), 'UTF8')), 'hex') AS digest
            FROM (
                SELECT part, name, CASE part WHEN 2
                    THEN regexp_replace(definition, '{REWRITTEN}', '', 'g')
                    ELSE definition
                END AS definition
                FROM ({DEFINITIONS}) AS written
            ) AS found GROUP BY part, name
        ) AS held USING (name)
        """
    for name, label, condition in (
        (
            "guards_missing",
            "déclencheurs et fonctions de cette version qui manquent dans la base",
            "held.digest IS NULL",
        ),
        (
            "guards_changed",
            "déclencheurs et fonctions de la base qui ne sont plus ceux de cette "
            "version",
            "held.digest <> tracked.digest",
        ),
        (
            "guards_unknown",
            "déclencheurs et fonctions de la base qu’aucune version n’a faits",
            "tracked.digest IS NULL",
        ),
    ):
        yield Invariant(name, label, f"{both} WHERE {condition}", is_of_rows=False)
    yield settings_by_hand()


def settings_by_hand() -> Invariant:
    """Return the rule: of the roles none, of the database the limits.

    PostgreSQL lets each role set its own, for the sessions to come: nothing forbids it.
    """
    limits = ", ".join(f"'{name}={value}'" for name, value in LIMITS.items())
    return Invariant(
        "settings_by_hand",
        "réglages de PostgreSQL changés pour un rôle d’Opus ou pour sa base (S42)",
        f"""
        SELECT count(*) FROM pg_db_role_setting, unnest(setconfig) AS setting
        WHERE setdatabase IN (
            0, (SELECT oid FROM pg_database WHERE datname = current_database())
        ) AND CASE setrole
            WHEN 0 THEN setdatabase <> 0 AND setting NOT IN ({limits}) AND (
                split_part(setting, '=', 1) = ANY('{{{",".join(LIMITS)}}}')
                OR setting LIKE 'opus.%'
            )
            ELSE setrole IN (
                SELECT oid FROM pg_roles WHERE rolname = '{settings.APP_ROLE}'
                UNION SELECT relowner FROM pg_class
                WHERE oid = 'public.lib_auditentry'::regclass
            )
        END
        """,
        is_of_rows=False,
    )


def tracked() -> dict[str, str]:
    """Return the digest of each name's definitions in ``rules.sql``."""
    text = TRACKED.read_text(encoding="utf-8")
    begins = [*BEGINNING.finditer(text)]
    ends = [*(found.start() for found in begins[1:]), len(text)]
    definitions = defaultdict(list)
    for found, end in zip(begins, ends, strict=True):
        name = found["function"] or f"{found['trigger']} ON {found['table']}"
        definition = text[found.start() : end].removesuffix(END)
        if found["trigger"]:
            definition = re.sub(REWRITTEN, "", definition)
        definitions[name].append(definition)
    return {
        name: hashlib.sha256("".join(sorted(each)).encode()).hexdigest()
        for name, each in definitions.items()
    }


def held() -> str:
    """Return the text of ``rules.sql`` that this database would have."""
    ordered = f'{DEFINITIONS} ORDER BY part, name COLLATE "C", definition COLLATE "C"'
    with connection.cursor() as cursor:
        cursor.execute(ordered)
        return "".join(f"{definition}{END}" for _, _, definition in cursor.fetchall())
