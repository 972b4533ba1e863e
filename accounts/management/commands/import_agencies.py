"""Import France Travail's network: ``manage.py import_agencies FILE.csv``."""

import csv
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.structures.agency_import import UnreadableFile, import_agencies


class Command(BaseCommand):
    help = """\
Importe les agences de France Travail d’un fichier CSV : UTF-8, une ligne de titres,
séparateur « , », « ; » ou tabulation. Ce qui est connu est mis à jour ; ce que le
fichier n’a pas reste. Une ligne refusée est nommée, les autres sont importées.

colonnes, dans n’importe quel ordre (les autres sont laissées de côté) :
  code_safir        obligatoire ; cinq chiffres, la clé de l’agence
  nom               obligatoire ; 120 caractères au plus
  adresse           200 caractères au plus
  code_postal       cinq chiffres
  ville             80 caractères au plus
  code_departement  01 à 976, 2A, 2B ; à défaut, celui du code postal
  latitude          degrés, de -90 à 90
  longitude         degrés, de -180 à 180
  type              agence (à défaut), dt, dr ou national
  telephone         celui de l’agence ; sans cette colonne, ce qui est connu reste
  safir_parent      code SAFIR de la direction dont elle dépend, du fichier ou connue

source : le réseau que France Travail remet avec la convention. À défaut, le
référentiel public des agences (API « Référentiel des agences » de francetravail.io),
ses champs renommés comme ci-dessus ; il n’a ni type ni safir_parent."""

    def create_parser(self, *words: str, **kwargs: Any) -> CommandParser:
        """Keep the table of the columns as it is written."""
        kwargs["formatter_class"] = RawDescriptionHelpFormatter
        return super().create_parser(*words, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER.csv", type=Path)

    def handle(self, *, file: Path, verbosity: int, **options: Any) -> None:
        try:
            report = import_agencies(file)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        except csv.Error as error:
            raise CommandError(f"{file} : ce n’est pas du CSV ({error}).") from error
        for line, reason in report.troubles:
            self.stderr.write(self.style.WARNING(f"{file}, ligne {line} : {reason}"))
        if verbosity:
            self.stdout.write(f"created   {report.created:>10}  agences créées")
            self.stdout.write(f"updated   {report.updated:>10}  agences modifiées")
            self.stdout.write(f"unchanged {report.unchanged:>10}  agences inchangées")
            self.stdout.write(f"rejected  {report.rejected:>10}  lignes rejetées")
        if not report.created + report.updated + report.unchanged:
            raise CommandError("Aucune agence n’a pu être lue.")
