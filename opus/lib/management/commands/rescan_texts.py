"""Read the free texts with today's rules (V5)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opus.lib.text_guard import rules, tasks


class Command(BaseCommand):
    """Prints places, never words."""

    help = "Relit les textes libres avec les règles en vigueur (art. 9.1)."

    def add_arguments(self, parser: CommandParser) -> None:
        words = "Donne l’empreinte des règles, pour version.toml."
        parser.add_argument("--fingerprint", action="store_true", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fingerprint"]:
            self.stdout.write(rules.fingerprint())
            return
        tasks.recheck()
        self.stdout.write(f"Textes à reprendre : {tasks.rescan()}.")
