import hashlib
import json
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from offers.reference.gazetteer import DATA, read_places
from opus.lib.geography.french_regions import read_rows

FILES = ("communes.csv.gz", "communes_anciennes.csv", "rome.csv")

UPSERT_COMMUNES = """
INSERT INTO offers_commune AS c (code, name, plain_name, department, region, postcodes,
        latitude, longitude, population)
    SELECT code, name, opus_plain(name), department, region, postcodes, latitude,
        longitude, population
    FROM new_communes
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, plain_name = excluded.plain_name,
    department = excluded.department, region = excluded.region,
    postcodes = excluded.postcodes, latitude = excluded.latitude,
    longitude = excluded.longitude, population = excluded.population
WHERE c IS DISTINCT FROM excluded
"""
UPSERT_FORMER = """
INSERT INTO offers_formercommune AS f (code, commune_id)
    SELECT code, commune_id FROM new_former
ON CONFLICT (code) DO UPDATE SET commune_id = excluded.commune_id
WHERE f IS DISTINCT FROM excluded
"""
UPSERT_ROME = """
INSERT INTO offers_rome AS r (code, label) SELECT code, label FROM new_rome
ON CONFLICT (code) DO UPDATE SET label = excluded.label
WHERE r IS DISTINCT FROM excluded
"""


def load_reference(*, force: bool = False) -> bool:
    """Load communes, former communes and ROME; False if up to date.

    Rows that the files no longer have are deleted, except trades: newer ones come from
    the offers.
    """
    mark = hash_files()
    with transaction.atomic(), connection.cursor() as cursor:
        # Two starts at once: the second waits, then finds the work done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_reference'))")
        if not force and read_mark(cursor) == mark:
            return False
        copy_rows(
            cursor,
            "new_communes",
            "code text, name text, department text, region text, postcodes jsonb,"
            " latitude float8, longitude float8, population int",
            (
                (
                    place.code,
                    place.name,
                    place.department,
                    place.region,
                    json.dumps(place.postcodes),
                    place.latitude,
                    place.longitude,
                    place.population,
                )
                for place in read_places()
            ),
        )
        copy_rows(
            cursor,
            "new_former",
            "code text, commune_id text",
            (
                (row["code"], row["today"])
                for row in read_rows(DATA / "communes_anciennes.csv")
            ),
        )
        copy_rows(
            cursor,
            "new_rome",
            "code text, label text",
            ((row["code"], row["label"]) for row in read_rows(DATA / "rome.csv")),
        )
        cursor.execute(
            "DELETE FROM offers_formercommune WHERE code NOT IN"
            " (SELECT code FROM new_former)"
        )
        cursor.execute(UPSERT_COMMUNES)
        cursor.execute(UPSERT_FORMER)
        cursor.execute(
            "DELETE FROM offers_commune WHERE code NOT IN"
            " (SELECT code FROM new_communes)"
        )
        cursor.execute(UPSERT_ROME)
        write_mark(cursor, mark)
    return True


def hash_files() -> str:
    files = ((DATA / name).read_bytes() for name in FILES)
    return hashlib.sha256(b"".join(files)).hexdigest()


def read_mark(cursor: CursorWrapper) -> str | None:
    """Return the loaded files' hash, in a comment that a restore keeps."""
    cursor.execute(
        "SELECT obj_description('offers_commune'::regclass)"
        " WHERE EXISTS (SELECT FROM offers_commune)"
        " AND EXISTS (SELECT FROM offers_formercommune)"
        " AND EXISTS (SELECT FROM offers_rome)"
    )
    row = cursor.fetchone()
    return row[0] if row else None


def write_mark(cursor: CursorWrapper, mark: str) -> None:
    cursor.execute(f"COMMENT ON TABLE offers_commune IS '{mark}'")


def copy_rows(
    cursor: CursorWrapper, name: str, columns: str, rows: Iterable[Sequence[object]]
) -> None:
    cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
    with cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
