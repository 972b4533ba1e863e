"""Bring the database and the static files of bin/run up to date, in one process."""

import os
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import django
from common import ROOT, digest, step

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402


def make_tables() -> None:
    """Migrate, and load the reference data; up to date, neither does anything."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with step("Migrating the database"):
            call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", verbosity=0)


def collect_static() -> None:
    """Collect and compress the static files, unless they are those of last time."""
    sources = digest("static/**/*", "opus/apps.py", "requirements/run.lock")
    stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
    if not stamp.exists() or stamp.read_text() != sources:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(sources)


def make_demonstration() -> None:
    """Fill a database that has no account; never one that somebody works with."""
    if settings.DEMO and not get_user_model().objects.exists():
        with step("Making the demonstration data"):
            # The greeting of bin/run names the accounts.
            call_command("seed_demo", verbosity=0, stdout=StringIO())


def demo_accounts() -> list[str]:
    """Return the accounts that one may try, if this is a demonstration."""
    if not settings.DEMO:
        return []
    accounts = get_user_model()._default_manager.filter(identifier__endswith=".demo")
    return [account.identifier for account in accounts if account.is_active]


def main() -> None:
    """Do what the options say, and report to bin/run."""
    parser = ArgumentParser()
    parser.add_argument("--tables-only", action="store_true")
    parser.add_argument("--without-demo", action="store_true")
    parser.add_argument("--report", type=int, help="the descriptor to write to")
    options = parser.parse_args()
    if options.tables_only:
        make_tables()
        return
    # Two cores are better than one: files are compressed while tables are made.
    with ThreadPoolExecutor(max_workers=1) as aside:
        static = aside.submit(collect_static)
        make_tables()
        call_command("load_help", verbosity=0)
        static.result()
    if not options.without_demo:
        with os.fdopen(options.report, "w") as report:
            print("The site may start.", file=report, flush=True)
            make_demonstration()
            print(*demo_accounts(), file=report)


if __name__ == "__main__":
    main()
