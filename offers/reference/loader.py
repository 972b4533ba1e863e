import hashlib
import lzma

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from offers.reference.places import DATA

FILES = {
    "new_communes": "communes.csv.xz",
    "new_former": "communes_anciennes.csv",
    "new_rome": "rome.csv",
}
PACKED = {"new_communes"}

# Every column is text: PostgreSQL reads the files, then converts.
COMMUNES = """
INSERT INTO offers_commune AS c (code, name, plain_name, department, region, postcodes,
        latitude, longitude, population)
    SELECT code, name, opus_plain(name), department, region,
        to_jsonb(string_to_array(postcodes, '|')), nullif(latitude, '')::float8,
        nullif(longitude, '')::float8, coalesce(nullif(population, '')::int, 0)
    FROM new_communes
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, plain_name = excluded.plain_name,
    department = excluded.department, region = excluded.region,
    postcodes = excluded.postcodes, latitude = excluded.latitude,
    longitude = excluded.longitude, population = excluded.population
WHERE c IS DISTINCT FROM excluded
"""
FORMER = """
INSERT INTO offers_formercommune AS f (code, commune_id)
    SELECT code, today FROM new_former
ON CONFLICT (code) DO UPDATE SET commune_id = excluded.commune_id
WHERE f IS DISTINCT FROM excluded
"""
ROME = """
INSERT INTO offers_rome AS r (code, label) SELECT code, label FROM new_rome
ON CONFLICT (code) DO UPDATE SET label = excluded.label
WHERE r IS DISTINCT FROM excluded
"""
DELETE_FORMER = """
DELETE FROM offers_formercommune WHERE code NOT IN (SELECT code FROM new_former)
"""
DELETE_COMMUNES = """
DELETE FROM offers_commune WHERE code NOT IN (SELECT code FROM new_communes)
"""
MARK = """
SELECT obj_description('offers_commune'::regclass)
WHERE EXISTS (SELECT FROM offers_commune) AND EXISTS (SELECT FROM offers_formercommune)
    AND EXISTS (SELECT FROM offers_rome)
"""


def load_reference(*, force: bool = False) -> bool:
    """Load communes, former communes, ROME; False if up to date.

    Rows that the files no longer have are deleted, except trades: newer ones come from
    the offers.
    """
    files = {name: (DATA / file).read_bytes() for name, file in FILES.items()}
    mark = hashlib.sha256(b"".join(files.values())).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        # Two starts at once: the second waits, then finds the work done.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_reference'))")
        # The loaded files' hash, in a comment, which a restore keeps.
        cursor.execute(MARK)
        if not force and cursor.fetchone() == (mark,):
            return False
        for name, data in files.items():
            copy(cursor, name, lzma.decompress(data) if name in PACKED else data)
        for statement in (DELETE_FORMER, COMMUNES, FORMER, DELETE_COMMUNES, ROME):
            cursor.execute(statement)
        cursor.execute("SELECT opus_mark_reference(%s)", [mark])
    return True


def copy(cursor: CursorWrapper, table: str, data: bytes) -> None:
    """Copy a CSV file into a temporary table of texts."""
    columns = data.partition(b"\n")[0].decode().split(",")
    texts = ", ".join(f"{column} text" for column in columns)
    cursor.execute(f"CREATE TEMP TABLE {table} ({texts}) ON COMMIT DROP")
    options = "FORMAT csv, HEADER, FORCE_NOT_NULL *"
    with cursor.copy(f"COPY {table} FROM STDIN ({options})") as copied:
        copied.write(data)
