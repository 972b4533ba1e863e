"""Store a million offers; number, generator and migrations name the database."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from common import MANAGE, ROOT, Failed, say, step
from django.db import connections
from psycopg import sql

from benches.kept import BENCH
from benches.memory import Cost, run_measured
from benches.options import Options

# Files that determine the offers and their tables.
MAKERS = (
    *(
        "offers/migrations",
        "offers/synthetic",
        "offers/payload",
        "offers/reference/data",
    ),
    *("bin/benches/million.py", "bin/benches/real.py"),
)
# Not the demonstration's seed, so that no offer number is in both.
SEED = "2"


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
            administer(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(self.database)
                )
            )
            # So that the first figure does not include it.
            administer(sql.SQL("CHECKPOINT"))
        try:
            yield environment_of(name)
        finally:
            connections.close_all()
            drop(name)


def ready(options: Options) -> Million:
    stamp = digest(options)
    name = f"offers_{options.offers}_{stamp}"
    file = BENCH / f"{name}.jsonl.gz"
    notes = BENCH / f"{name}.json"
    if not (notes.exists() and file.exists() and exists(name)):
        forget(f"offers_{options.offers}_")
        make_file(file, options)
        load(name, file, notes)
    migrate(environment_of(name))
    notes_read = json.loads(notes.read_text())
    return Million(
        options.offers,
        name,
        file,
        notes_read["made_on"],
        Cost(**notes_read["first_load"]),
    )


def digest(options: Options) -> str:
    """Return a digest of all that determines offers and tables."""
    result = hashlib.sha256()
    for maker in MAKERS:
        path = ROOT / maker
        for source in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if source.is_file() and source.suffix != ".pyc":
                result.update(f"{source.relative_to(ROOT)}\n".encode())
                result.update(source.read_bytes())
    if options.real:
        result.update(options.real.read_bytes())
    return result.hexdigest()[:10]


def make_file(file: Path, options: Options) -> None:
    maker = [sys.executable, MANAGE, "make_offers", str(options.offers), "--seed", SEED]
    if options.real:
        maker = [
            *(sys.executable, str(ROOT / "bin" / "benches" / "real.py")),
            *(str(options.real), str(options.offers)),
        ]
    new = file.with_suffix(".new")
    with (
        step(f"Making {options.offers:,} offers"),
        subprocess.Popen(maker, cwd=ROOT, stdout=subprocess.PIPE) as process,
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
    administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(new)))
    environment = environment_of(new)
    migrate(environment)
    say("  Loading them into an empty database…")
    cost, _ = run_measured(
        [sys.executable, MANAGE, "import_offers", str(file)], environment=environment
    )
    with step("Tidying the tables, as autovacuum would"):
        subprocess.run(
            [sys.executable, MANAGE, "dbshell", "--", "-qc", "VACUUM ANALYZE"],
            env=environment,
            cwd=ROOT,
            check=True,
        )
    administer(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(new), sql.Identifier(name)
        )
    )
    notes_read = {
        "made_on": f"{datetime.now(UTC):%d %B %Y}",
        "first_load": asdict(cost),
    }
    notes.write_text(json.dumps(notes_read))


def migrate(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, MANAGE, "prepare", "--without-demo"],
        stdout=subprocess.DEVNULL,
        env=environment,
        cwd=ROOT,
        check=True,
    )


def forget(prefix: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
    for (name,) in found:
        drop(name)
    for path in BENCH.glob(f"{prefix}*"):
        path.unlink()


def environment_of(database: str) -> dict[str, str]:
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return os.environ | {"DATABASE_URL": f"{server}/{database}"}


def exists(database: str) -> bool:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [database]
        )
        return found.fetchone() is not None


def drop(database: str) -> None:
    administer(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
            sql.Identifier(database)
        )
    )


def administer(statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)
