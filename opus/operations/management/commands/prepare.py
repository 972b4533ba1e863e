"""``manage.py prepare``: make the tables and files that bin/run needs."""

import hashlib
import multiprocessing
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.lib.database import roles
from opus.startup import is_migrated


class Command(BaseCommand):
    help = (
        "Met à jour les tables, les données de référence, l’aide et les fichiers "
        "statiques, puis remplit une démonstration vide. Écrit une ligne dès que le "
        "site peut démarrer, puis les comptes de la démonstration."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tables-only", action="store_true", help="rien d’autre")
        parser.add_argument("--without-demo", action="store_true", help="sans comptes")
        parser.add_argument(
            "--after-input",
            action="store_true",
            help="attend, avant d’ouvrir la base, la fin de l’entrée standard",
        )

    def handle(
        self,
        *,
        tables_only: bool,
        without_demo: bool,
        after_input: bool,
        **options: Any,
    ) -> None:
        if tables_only:
            make_tables()
            return
        # Compress the files while the tables are made: this uses two cores.
        static = multiprocessing.get_context("fork").Process(target=collect_static)
        static.start()
        if after_input:
            sys.stdin.read()
        make_tables()
        call_command("load_help", verbosity=0)
        static.join()
        if static.exitcode:
            raise CommandError("Les fichiers statiques ne sont pas prêts.")
        self.stdout.write("Le site peut démarrer.")
        self.stdout.flush()
        if settings.DEMO and not without_demo:
            call_command("seed_demo", if_empty=True, stdout=self.stdout)


def make_tables() -> None:
    if is_migrated():
        roles.set_limits()  # Of a release without a migration.
    else:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
    call_command("load_reference", verbosity=0)


def collect_static() -> None:
    """Collect static files, if a source has changed."""
    root, folder = Path(settings.BASE_DIR), Path(settings.STATIC_ROOT)
    sources = sorted(filter(Path.is_file, (root / "static").rglob("*")))
    sources += [root / "opus/apps.py", root / "requirements/run.lock"]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path}\n".encode() + path.read_bytes())
    stamp = folder.with_suffix(".sha256")
    is_same = stamp.exists() and stamp.read_text() == digest.hexdigest()
    if not (folder.exists() and is_same):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest.hexdigest())
