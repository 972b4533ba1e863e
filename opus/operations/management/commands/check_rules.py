"""``check_rules [--write]``: compare (or update) the tracked file of triggers."""

import difflib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.operations.invariants import TRACKED, held


class Command(BaseCommand):
    help = (
        "Compare les déclencheurs et les fonctions de la base à ceux que suit "
        "rules.sql."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="suivre ceux de la base"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: they differ."""
        rules = held()
        if options["write"]:
            TRACKED.write_text(rules, encoding="utf-8")
        tracked = TRACKED.read_text(encoding="utf-8")
        if rules != tracked:
            before, after = tracked.splitlines(), rules.splitlines()
            lines = difflib.unified_diff(
                before, after, "tracked", "database", lineterm=""
            )
            raise CommandError("\n".join(lines))
