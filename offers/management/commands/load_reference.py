"""``manage.py load_reference``: load communes and ROME trades."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from offers.reference.loader import load_reference
from offers.reference.models import Commune, FormerCommune, Rome


class Command(BaseCommand):
    help = (
        "Charge les communes, les anciennes communes et les métiers ROME livrés avec "
        "Opus. Sans effet si la base est déjà à jour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="recharger même si rien n’a changé"
        )

    def handle(self, *, force: bool, verbosity: int, **options: Any) -> None:
        changed = load_reference(force=force)
        if verbosity:
            verdict = "chargées" if changed else "déjà à jour"
            self.stdout.write(
                f"Données de référence {verdict} : {Commune.objects.count()} communes,"
                f" {FormerCommune.objects.count()} anciens codes,"
                f" {Rome.objects.count()} métiers."
            )
