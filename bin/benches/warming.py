"""Warm tables, as on a server that has run for an hour."""

from collections.abc import Mapping

import psycopg
from common import step

WARM = """
SELECT pg_prewarm(oid) FROM pg_class
WHERE oid = 'offers_offersearch'::regclass OR oid IN (
    SELECT indexrelid FROM pg_index WHERE indrelid = 'offers_offersearch'::regclass
)
"""


def warm(environment: Mapping[str, str]) -> None:
    with (
        step("Warming the tables of the search"),
        psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection,
    ):
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        connection.execute(WARM)
        connection.execute("DROP EXTENSION pg_prewarm")
