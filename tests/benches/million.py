"""Store a million offers, made once for each version."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from common import MANAGE, ROOT, Failed, digest, say, step
from django.db import connections
from servers import SUPERUSER

from tests.benches.command import BENCH
from tests.benches.measures import Cost, run_measured

# Files that determine the offers and their tables.
MAKERS = (
    *("offers/migrations/*.py", "offers/migrations/sql/*", "opus/lib/migrations/sql/*"),
    *("demo/synthetic/*", "offers/payload/*.py"),
    *("offers/reference/data/*", "tests/benches/million.py", "tests/benches/real.py"),
)
# Not the demonstration's seed, so that no offer number is in both.
SEED = "2"
BOTH_ROLES = ("DATABASE_URL", "OPUS_MIGRATE_URL")
# As on a server that has run for an hour.
WARM = """
CREATE EXTENSION IF NOT EXISTS pg_prewarm;
SELECT pg_prewarm(oid) FROM pg_class
WHERE oid = 'offers_offersearch'::regclass OR oid IN (
    SELECT indexrelid FROM pg_index WHERE indrelid = 'offers_offersearch'::regclass
);
"""


@dataclass(frozen=True, slots=True)
class Million:
    """Offers made and loaded, with the cost of ``first_load``."""

    offers: int
    database: str
    file: Path
    made_on: str
    first_load: Cost

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.database)

    @contextmanager
    def copy(self, purpose: str) -> Iterator[dict[str, str]]:
        """Use a temporary copy in Django, and yield its variables."""
        name = f"{purpose}_of_{self.database}"
        drop(name)
        connections.close_all()  # PostgreSQL copies no database in use.
        connections["default"].settings_dict["NAME"] = name
        with step(f"Copying {self.offers:,} offers"):
            # With its own checkpoint: the first figure includes none.
            administer(
                f"CREATE DATABASE {name} TEMPLATE {self.database} STRATEGY file_copy"
            )
        # A copy has not the limits of its model: migrate writes them.
        run_manage("migrate", environment=environment_of(name))
        try:
            yield environment_of(name)
        finally:
            connections.close_all()
            drop(name)


def warm(environment: dict[str, str]) -> None:
    with step("Warming the tables of the search"):
        administer(WARM, environment, role=SUPERUSER)


def ready(offers: int, real: Path | None, how: str = "multiplied") -> Million:
    """Return offers that are loaded; ``how``: what ``real.py`` does with them."""
    stamp = digest(*MAKERS)[:10]
    if real:
        known = [stamp.encode(), how.encode(), *map(Path.read_bytes, files_of(real))]
        stamp = hashlib.sha256(b"".join(known)).hexdigest()[:10]
    name = f"offers_{offers}_{stamp}"
    file, notes = BENCH / f"{name}.jsonl.gz", BENCH / f"{name}.json"
    if not (notes.exists() and file.exists() and name in databases(name)):
        forget(f"offers_{offers}_")
        make_file(file, offers, real, how)
        load(name, file, notes)
    run_manage("prepare", "--without-demo", environment=environment_of(name))
    known = json.loads(notes.read_text())
    return Million(offers, name, file, known["made_on"], Cost(**known["first_load"]))


def files_of(real: Path) -> list[Path]:
    return sorted(real.glob("*.jsonl*")) if real.is_dir() else [real]


def make_file(file: Path, offers: int, real: Path | None, how: str) -> None:
    words = [MANAGE, "make_offers", str(offers), "--seed", SEED]
    if real:
        script = str(ROOT / "tests" / "benches" / "real.py")
        words = [script, how, str(offers), *map(str, files_of(real))]
    new = file.with_suffix(".new")
    command = [sys.executable, *words]
    with (
        step(f"Making {offers:,} offers"),
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process,
        gzip.open(new, "wb", compresslevel=1) as packed,
    ):
        if process.stdout:
            shutil.copyfileobj(process.stdout, packed, 1024 * 1024)
    if process.returncode:
        raise Failed("The offers could not be made: see above.")
    new.rename(file)


def load(name: str, file: Path, notes: Path) -> None:
    new = f"new_{name}"
    drop(new)
    administer(f"CREATE DATABASE {new}")
    environment = environment_of(new)
    run_manage("prepare", "--without-demo", environment=environment)
    say("  Loading them into an empty database…")
    words = (MANAGE, "import_offers", str(file))
    cost, text = run_measured(*words, environment=environment)
    say(text.rstrip())
    with step("Tidying the tables, as autovacuum would"):
        administer("VACUUM ANALYZE", environment)
    with step("Learning words and names of jobs, as each night"):
        run_manage("refresh_search", environment=environment)
    administer(f"ALTER DATABASE {new} RENAME TO {name}")
    known = {"made_on": f"{datetime.now(UTC):%d %B %Y}", "first_load": asdict(cost)}
    notes.write_text(json.dumps(known))


def run_manage(*words: str, environment: dict[str, str]) -> None:
    command = [sys.executable, MANAGE, *words]
    subprocess.run(
        command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT, check=True
    )


def forget(prefix: str) -> None:
    for name in databases(prefix):
        drop(name)
    for path in BENCH.glob(f"{prefix}*"):
        path.unlink()


def environment_of(database: str) -> dict[str, str]:
    servers = {name: os.environ[name].rpartition("/")[0] for name in BOTH_ROLES}
    return os.environ | {
        name: f"{server}/{database}" for name, server in servers.items()
    }


def databases(prefix: str) -> list[str]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT datname FROM pg_database")
        return [name for (name,) in found if name.startswith(prefix)]


def drop(database: str) -> None:
    # The application's sessions: the owner may not end them.
    statement = f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"
    administer(statement, role=SUPERUSER)


def administer(
    statement: str,
    environment: Mapping[str, str] = os.environ,
    role: str = "opus_owner",
) -> None:
    database = environment["OPUS_MIGRATE_URL"]
    with psycopg.connect(database, user=role, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")  # To copy takes its time.
        connection.execute(statement.encode())
