"""Brings the database and the static files of bin/run up to date, in one process.

What was done is noted in the comment of the database itself, so that a new database is
filled and an old one is left alone, wherever it stands. The site may start before the
demonstration is there: the file named after ``--ready`` says when, and at the end which
accounts one may try.
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import django
from common import ROOT, STATE, say, step

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

STATIC_STAMP = Path(settings.STATIC_ROOT).with_suffix(".stamp")
HALF_WAY = f"""
This database was left half-way by an older Opus, and cannot go on from there (ADR 13).
A demonstration is quicker made anew: rm -r {STATE.relative_to(ROOT)}
"""


def migrate() -> None:
    """Applies the migrations that the database lacks."""
    if is_half_way():
        say(HALF_WAY)
        sys.exit(1)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with step("Migrating the database"):
            call_command("migrate", interactive=False, verbosity=0)


def is_half_way() -> bool:
    """Whether it has some of the migrations that one replaces, and lacks others."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    known = MigrationLoader(None).disk_migrations.values()
    replaced = [set(each.replaces) for each in known if each.replaces]
    return any(each & applied and each - applied for each in replaced)


def collect_static() -> None:
    """Gathers, names and compresses the static files again if one of them changed."""
    stamp = digest(
        ROOT / "static", ROOT / "opus/apps.py", ROOT / "requirements/run.lock"
    )
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if (
        manifest.exists()
        and STATIC_STAMP.exists()
        and STATIC_STAMP.read_text() == stamp
    ):
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    STATIC_STAMP.write_text(stamp)


@transaction.atomic
def load_reference() -> None:
    """Loads communes and trades, and again when their files changed."""
    notes = read_notes()
    version = digest(
        ROOT / "offers/data", ROOT / "offers/management/commands/load_reference.py"
    )
    if notes.get("reference") != version:
        with step("Loading communes and trades"):
            call_command("load_reference", verbosity=0)
        write_notes(notes | {"reference": version})


def load_help() -> None:
    """Brings the questions and guides that lack; the edited ones stay."""
    call_command("load_help", verbosity=0)


@transaction.atomic
def seed_demo() -> None:
    """Fills a database that has no account: never one that somebody works with."""
    notes = read_notes()
    if settings.DEMO and "demo" not in notes and not get_user_model().objects.exists():
        with step("Making the demonstration data"):
            # The greeting of bin/run says who is there.
            call_command("seed_demo", verbosity=0, stdout=StringIO())
        write_notes(notes | {"demo": "1"})


def demo_accounts() -> list[str]:
    """The accounts that one may try, where this is a demonstration."""
    if not settings.DEMO:
        return []
    people = get_user_model()._default_manager.filter(identifier__endswith=".demo")
    return [person.identifier for person in people if person.is_active]


def digest(*paths: Path) -> str:
    """One text that changes when a file under these paths does."""
    result = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in filter(Path.is_file, files):
            if file.suffix == ".pyc":
                continue
            result.update(f"{file.relative_to(ROOT)}\n".encode())
            result.update(file.read_bytes())
    return result.hexdigest()[:16]


def read_notes() -> dict[str, str]:
    """What the database's comment says, as ``name=value`` words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        )
        comment = cursor.fetchone()[0] or ""
    return dict(word.split("=", 1) for word in comment.split() if "=" in word)


def write_notes(notes: dict[str, str]) -> None:
    """Puts the words in the place of the old comment."""
    comment = " ".join(f"{name}={notes[name]}" for name in sorted(notes))
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"COMMENT ON DATABASE {name} IS %s", [comment])


if __name__ == "__main__":
    if "--tables-only" in sys.argv:
        migrate()
        load_reference()
        sys.exit()
    # Two cores are better than one: files are compressed while tables are made.
    with ThreadPoolExecutor(max_workers=1) as aside:
        static = aside.submit(collect_static)
        migrate()
        load_reference()
        load_help()
        static.result()
    ready = None
    if "--ready" in sys.argv:
        ready = Path(sys.argv[sys.argv.index("--ready") + 1])
        ready.touch()
    if "--without-demo" not in sys.argv:
        seed_demo()
    if ready:
        ready.write_text("\n".join(demo_accounts()))
