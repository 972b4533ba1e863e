"""Import a snapshot the plain way: ``merge.py FILE N``.

A yardstick: the first N lines are copied into a table; one MERGE writes what is newer,
without withdrawals. ``import_offers`` recognises unchanged offers by a hash.
"""

import os
import sys
from itertools import islice
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
django.setup()

from django.db import connection  # noqa: E402

from offers.catalogue.writes import (  # noqa: E402
    CONTENT_COLUMNS,
    STAGED_COLUMNS,
    staged_row,
    writing_offers,
)
from offers.files.importer import hash_line, read_lines  # noqa: E402
from offers.payload.offer import read_offer  # noqa: E402

STAGE = f"""
CREATE TEMP TABLE staged ON COMMIT DROP
    AS SELECT {", ".join(STAGED_COLUMNS)} FROM offers_offer WITH NO DATA
"""  # noqa: S608 - made of constants
MERGE = f"""
MERGE INTO offers_offer o USING staged s ON o.reference = s.reference
WHEN MATCHED AND s.updated_at > o.updated_at THEN UPDATE SET
    {", ".join(f"{column} = s.{column}" for column in CONTENT_COLUMNS)},
    content_hash = s.content_hash
WHEN NOT MATCHED THEN INSERT ({", ".join(STAGED_COLUMNS)}, state)
    VALUES ({", ".join(f"s.{column}" for column in STAGED_COLUMNS)}, 'active')
"""  # noqa: S608 - made of constants


def main(path: str, count: str) -> None:
    with writing_offers(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(STAGE)
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for line in islice(read_lines(path), int(count)):
                content = read_offer(line.read())
                copy.write_row(tuple(staged_row(content, hash_line(line)).values()))
        cursor.execute("ANALYZE staged")
        cursor.execute(MERGE)
        sys.stdout.write(f"{cursor.rowcount}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
