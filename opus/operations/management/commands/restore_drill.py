"""``manage.py restore_drill [DUMP]``: prove that a backup restores (R20)."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.lib.outbound import outbox
from opus.operations.backups import Backup, back_up, drill


class Command(BaseCommand):
    help = (
        "Restaure une sauvegarde dans une base neuve, compare, essaie, efface. "
        "Sans fichier, en fait une d’abord. Échoue à la moindre différence."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dump", metavar="FICHIER", type=Path, nargs="?")

    def handle(self, *, dump: Path | None, **options: Any) -> None:
        """Raises CommandError: the copy differs."""
        # Adopt rows without an owner first: they would look like a copy's.
        outbox.may_speak()
        with tempfile.TemporaryDirectory() as folder:
            backup = Backup.read(dump) if dump else back_up(Path(folder))
            report = drill(backup)
        self.stdout.write(
            f"{report.tables} tables, {report.rows} lignes comparées.\n"
            f"RPO mesuré\xa0: {report.age_seconds:.0f} s depuis la sauvegarde.\n"
            f"RTO mesuré\xa0: {report.restored_in + report.checked_in:.1f} s, dont"
            f" restauration {report.restored_in:.1f} s,"
            f" contrôles {report.checked_in:.1f} s."
        )
        if report.faults:
            raise CommandError("\n".join(["La copie diffère\xa0:", *report.faults]))
        self.stdout.write("La copie est complète, fonctionne et reste muette.")
