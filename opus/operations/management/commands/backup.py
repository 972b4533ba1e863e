"""``manage.py backup FOLDER``: a dump and its expected contents (R20)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opus.operations.backups import back_up


class Command(BaseCommand):
    help = (
        "Sauvegarde la base dans un dossier. Le fichier est nominatif\xa0: "
        "chiffrez-le, et gardez les clés OPUS_OTP_KEYS ailleurs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DOSSIER", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        self.stdout.write(str(back_up(folder).dump))
