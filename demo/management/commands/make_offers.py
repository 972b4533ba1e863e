"""``manage.py make_offers N``: print invented offers as JSONL."""

import json
import os
import sys
from argparse import ArgumentTypeError
from datetime import date
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.synthetic import NUMBERS, make_offers


def parse_count(text: str) -> int:
    if not text.isdecimal() or int(text) > NUMBERS:
        raise ArgumentTypeError(f"un nombre de 0 à {NUMBERS} est attendu")
    return int(text)


class Command(BaseCommand):
    help = (
        "Écrit N offres inventées sur la sortie standard, une par ligne (JSONL, forme "
        "de l’API « Offres d’emploi v2 » et objet opus). La même graine et le même "
        "jour donnent les mêmes offres."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", metavar="N", type=parse_count)
        parser.add_argument("--seed", type=int, default=1, help="graine (1)")
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            help="jour qui suit la dernière offre, AAAA-MM-JJ (aujourd’hui)",
        )

    def handle(
        self, *, count: int, seed: int, today: date | None, **options: Any
    ) -> None:
        offers = make_offers(count, seed=seed, today=today)
        encode = json.JSONEncoder(ensure_ascii=False).encode
        try:
            for batch in batched(offers, 500):
                self.stdout.write("\n".join(map(encode, batch)))
            self.stdout.flush()
        except BrokenPipeError:
            # The reader closed the pipe (`| head`): exit without a traceback.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
