"""``manage.py poll_offers``: read the public API from the stored cursor."""

import logging
import sys
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from offers.pull.api import Access, Api, Budget
from offers.pull.models import PullRun
from offers.pull.poll import MAX_WITHDRAWN, poll
from opus.lib import jobs

logger = logging.getLogger(__name__)

FIGURES = (
    ("requests", "requêtes"),
    ("read", "offres lues"),
    ("created", "offres créées"),
    ("updated", "offres modifiées"),
    ("unchanged", "offres inchangées"),
    ("rejected", "offres rejetées, gardées avec leur motif"),
    ("missing", "offres introuvables au premier regard"),
    ("still_there", "retrouvées au second"),
    ("withdrawn", "offres retirées (absentes de l’API)"),
    ("held", "visibles dans l’API, tenues retirées par un évènement"),
    ("partial", "fenêtres qui n’ont pu être lues en entier"),
)


class Command(BaseCommand):
    help = (
        "Relève l’API « Offres d’emploi v2 » : les offres nouvelles depuis la dernière "
        "relève, puis la comparaison complète quand elle est due. Ce qui a été "
        "interrompu reprend où il en était. Sans identifiants, ne fait rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--compare",
            action="store_true",
            default=None,
            help="comparer tout, même si ce n’est pas encore l’heure",
        )
        which.add_argument(
            "--no-compare",
            dest="compare",
            action="store_false",
            help="les offres nouvelles seulement",
        )
        parser.add_argument(
            "--seconds", type=float, help="s’arrêter après ce temps (sans limite)"
        )
        parser.add_argument(
            "--max-withdrawn",
            type=float,
            default=MAX_WITHDRAWN,
            metavar="%",
            help="part des offres comparées au-delà de laquelle rien n’est retiré (20)",
        )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        access = Access.of_settings()
        if access is None:
            logger.info("Pull: no credentials, nothing to do.")
            return
        with (
            jobs.lock("poll-offers") as is_ours,
            tqdm(unit=" offres", file=sys.stderr, disable=not verbosity) as bar,
        ):
            bar.set_description("Relève de l’API")
            if not is_ours:
                raise CommandError("Une autre relève est en cours.")

            def show(run: PullRun) -> None:
                bar.set_description(f"{run.get_kind_display()}, {run.read_to:%d/%m/%Y}")
                bar.update(max(0, run.read - done.get(run.pk, 0)))
                done[run.pk] = run.read

            done: dict[int, int] = {}
            with closing(Api(access)) as api:
                runs = poll(
                    api,
                    budget=Budget(options["seconds"]),
                    compare=options["compare"],
                    max_withdrawn=options["max_withdrawn"],
                    on_progress=show,
                )
        for run in runs:
            self.print_figures(run, verbosity)

    def print_figures(self, run: PullRun, verbosity: int) -> None:
        """Print key, number, label. Raises CommandError: run refused."""
        if verbosity:
            end = "terminée" if run.ended_at else "à suivre"
            self.stdout.write(f"{run.get_kind_display()} ({end})")
            for key, label in FIGURES:
                self.stdout.write(f"{key:<12}{getattr(run, key):>10}  {label}")
        if run.trouble or run.refusal:
            raise CommandError(run.trouble or run.refusal)
