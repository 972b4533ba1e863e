"""What a release leaves for the tests of the next: its migrations, its demonstration.

In a clean clone, just before the tag:

    bin/manage seed_demo --offers 300
    bin/manage shell -c "from tests.operations.upgrade import released as r; r.write()"

That writes VERSION.json and VERSION.sql.xz beside this file.
"""

import hashlib
import json
import lzma
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from offers.catalogue.writes import writing_offers
from opus import VERSION
from opus.operations import backups

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "tests" / "operations" / "upgrade"
# Made by `migrate` and `load_reference`; the journal, whose months come and go; the
# probes, one a minute; open sessions.
LEFT_OUT = (
    *("django_migrations", "referrals_outcomecode", "offers_commune"),
    *("offers_formercommune", "offers_rome", "offers_everydayword"),
    "offers_jobname",
    *("lib_auditentry*", "support_probe"),
    *("django_session", "accounts_opensession"),
)
# The 300 offers would be most of the file: those that something names stay, and eight.
THIN_OUT = """
WITH gone AS (
    SELECT reference FROM offers_offer WHERE reference NOT IN (
        SELECT offer_id FROM referrals_act
        UNION SELECT offer_id FROM referrals_favourite
        UNION SELECT offer_id FROM referrals_slot WHERE offer_id IS NOT NULL
    ) ORDER BY reference OFFSET 8
), steps AS (
    DELETE FROM offers_offerstep WHERE offer_id IN (SELECT reference FROM gone)
), words AS (
    DELETE FROM offers_offersearch WHERE offer_id IN (SELECT reference FROM gone)
)
DELETE FROM offers_offer WHERE reference IN (SELECT reference FROM gone)
"""


def leaves() -> dict[str, str]:
    """Return the last migration of each app, those of libraries too."""
    return dict(sorted(MigrationLoader(None).graph.leaf_nodes()))


def migration_files() -> dict[str, str]:
    """Return a digest of each file that makes our tables."""
    folders = (ROOT.glob("*/migrations"), ROOT.glob("opus/*/migrations"))
    paths = [
        path
        for folder in (folder for found in folders for folder in found)
        for path in folder.rglob("*")
        if path.suffix in {".py", ".sql"} and path.stat().st_size
    ]
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(paths)
    }


def dump(path: Path) -> None:
    """Write the rows of the database as the text of `pg_dump`, compressed."""
    plain = path.with_suffix("")
    backups.run(
        "pg_dump",
        *("--data-only", "--schema=public", "--no-owner", "--no-acl"),
        # Otherwise a word drawn at random stands in the text.
        "--restrict-key=opus",
        *(f"--exclude-table={name}" for name in LEFT_OUT),
        f"--file={plain}",
        database=connection.settings_dict,
    )
    path.write_bytes(lzma.compress(plain.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
    plain.unlink()


def write() -> None:
    with transaction.atomic(), writing_offers(), connection.cursor() as cursor:
        cursor.execute(THIN_OUT)
    record = {"leaves": leaves(), "files": migration_files()}
    text = json.dumps(record, indent=1)
    (FOLDER / f"{VERSION}.json").write_text(f"{text}\n")
    dump(FOLDER / f"{VERSION}.sql.xz")
