"""``manage.py import_offers FILE…``: import offers, print figures."""

import sys
from argparse import ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from tqdm import tqdm

from offers.files.importer import (
    BATCH_LINES,
    STDIN,
    ImportReport,
    ImportUnderway,
    import_offers,
)
from offers.tasks import write_words_of_offers
from opus.lib import jobs

CUT_OFF = (
    "La base de données a coupé. Chaque offre est entière, telle qu’elle était ou telle"
    " que le fichier la donne : relancez la même commande, elle fera le reste."
)
NAMELESS = (
    "Lignes illisibles où ne se lit aucun numéro d’offre : {count}. Les offres qu’elles"
    " décrivaient comptent comme absentes de l’image (voir la quarantaine)."
)
FIGURES = (
    ("read", "lignes lues"),
    ("created", "offres créées"),
    ("updated", "offres modifiées"),
    ("unchanged", "offres inchangées"),
    ("withdrawn", "offres retirées (absentes de l’image)"),
    ("rejected", "lignes rejetées, en quarantaine"),
    ("swapped", "coordonnées inversées, remises en ordre"),
    ("placeless", "offres sans lieu précis"),
)


class Command(BaseCommand):
    help = (
        "Importe des offres depuis des fichiers JSONL (gzip compris), un objet de "
        "l’API « Offres d’emploi v2 » par ligne. Une ligne illisible va en "
        "quarantaine ; les autres sont importées."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FICHIER", help="« - » : l’entrée standard"
        )
        parser.add_argument(
            "--snapshot",
            action="store_true",
            help="les fichiers sont toute la vérité : ce qu’ils n’ont pas est retiré",
        )
        parser.add_argument(
            "--max-withdrawn",
            type=parse_share,
            default=20,
            metavar="%",
            help="part des offres actives au-delà de laquelle rien n’est retiré (20)",
        )
        parser.add_argument(
            "--batch",
            type=parse_count,
            default=BATCH_LINES,
            metavar="N",
            help=f"lignes par transaction ({BATCH_LINES}) : un évènement du flux"
            " n’attend jamais plus d’une transaction",
        )

    def handle(self, *, files: list[str], verbosity: int, **options: Any) -> None:
        connection.ensure_connection()
        starts, total = positions_of(files)
        with tqdm(
            total=total,
            unit="o",
            unit_scale=True,
            desc="Import des offres",
            file=sys.stderr,
            disable=not verbosity,
        ) as bar:

            def show(file: str, position: int) -> None:
                bar.update(max(0, starts[file] + position - bar.n))

            try:
                report = import_offers(
                    files,
                    snapshot=options["snapshot"],
                    max_withdrawn=options["max_withdrawn"],
                    batch_lines=options["batch"],
                    on_progress=show,
                )
            except ImportUnderway as error:
                raise CommandError("Un autre import d’offres est en cours.") from error
            except OperationalError as error:
                raise CommandError(f"{CUT_OFF}\n{error}") from error
            # Blank lines and unreadable files are behind us, too.
            bar.update((total or bar.n) - bar.n)
        run = report.run
        if run.created + run.updated + run.withdrawn >= BATCH_LINES:
            jobs.enqueue(write_words_of_offers)
        if verbosity:
            for key, label in FIGURES:
                self.stdout.write(f"{key:<10}{getattr(report.run, key):>10}  {label}")
        self.print_trouble(report)

    def print_trouble(self, report: ImportReport) -> None:
        """Print faults. Raises CommandError: nothing readable, or run refused."""
        run, troubles = report.run, list(report.unreadable)
        if run.is_snapshot and report.nameless:
            troubles.append(NAMELESS.format(count=report.nameless))
        for trouble in troubles:
            self.stderr.write(self.style.WARNING(trouble))
        if not run.created + run.updated + run.unchanged:
            raise CommandError("Aucune offre n’a pu être lue.")
        if report.refusal:
            raise CommandError(report.refusal)


def parse_count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("un nombre d’au moins 1 est attendu")
    return int(text)


def parse_share(text: str) -> float:
    """Return a percentage, not NaN, which passes all. Raises ArgumentTypeError."""
    with suppress(ValueError):
        share = float(text.replace(",", "."))
        if 0 <= share <= 100:
            return share
    raise ArgumentTypeError("un pourcentage de 0 à 100 est attendu")


def positions_of(files: list[str]) -> tuple[dict[str, int], int | None]:
    """Return where each file begins in all, and all; None: unknown."""
    starts, total = {}, 0
    for file in dict.fromkeys(files):
        starts[file] = total
        path = Path(file)
        total += path.stat().st_size if path.is_file() else 0
    return starts, None if STDIN in starts else total
