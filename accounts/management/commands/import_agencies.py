"""Import France Travail's network: ``manage.py import_agencies FILE.csv``."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.structures.agency_import import UnreadableFile, import_agencies


class Command(BaseCommand):
    help = (
        "Importe les agences de France Travail d’un fichier CSV : code_safir, nom, "
        "adresse, code_postal, ville, code_departement, latitude, longitude, et au "
        "besoin type (agence, dt, dr) et safir_parent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER.csv", type=Path)

    def handle(self, *, file: Path, verbosity: int, **options: Any) -> None:
        try:
            report = import_agencies(file)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        for line, reason in report.troubles:
            self.stderr.write(self.style.WARNING(f"{file}, ligne {line} : {reason}"))
        if verbosity:
            self.stdout.write(f"created   {report.created:>10}  agences créées")
            self.stdout.write(f"updated   {report.updated:>10}  agences modifiées")
            self.stdout.write(f"unchanged {report.unchanged:>10}  agences inchangées")
            self.stdout.write(f"rejected  {report.rejected:>10}  lignes rejetées")
        if not report.created + report.updated + report.unchanged:
            raise CommandError("Aucune agence n’a pu être lue.")
