"""``manage.py extract_acts --key FILE --output FILE``: acts under pseudonyms (V20)."""

import csv
import os
import stat
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.lib.audit.journal import Action, record
from referrals.privacy.retention import KEY_BYTES, extract

TITLES = ("personne", "mois", "departement", "acte", "suite")


def read_key(path: Path) -> bytes:
    """Return the key of a private file. Raises CommandError, OSError."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        why = f"d’autres que vous lisent {path} : chmod 600"
        raise CommandError(f"Clé refusée : {why}.")
    key = path.read_bytes().strip()
    if len(key) < KEY_BYTES:
        why = f"la clé compte {len(key)} octets, il en faut {KEY_BYTES}"
        raise CommandError(f"Clé refusée : {why}.")
    return key


class Command(BaseCommand):
    help = (
        "Écrit en CSV les propositions sous pseudonyme : mois, département, nature, "
        "suite. La clé reste hors de la base ; une autre clé rompt le lien entre deux "
        "extraits."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", required=True, type=Path, metavar="FICHIER")
        parser.add_argument("--output", required=True, type=Path, metavar="FICHIER")

    def handle(self, *, key: Path, output: Path, **options: Any) -> None:
        """Write and log the file. Raises CommandError: refused."""
        try:
            rows = extract(read_key(key))
            # Never overwrite: another process may have the file open.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(output, flags, 0o600), "w") as file:
                # For programs: without the mark of spreadsheets.
                csv.writer(file, lineterminator="\n").writerows([TITLES, *rows])
        except OSError as error:
            raise CommandError(f"{error.filename} : {error.strerror}.") from error
        persons = {row[0] for row in rows}
        details = {"what": "extract_acts", "rows": len(rows)}
        record(Action.EXPORT_MADE, by=None, persons=len(persons), details=details)
        self.stderr.write(f"{len(rows)} propositions, {len(persons)} pseudonymes.")
