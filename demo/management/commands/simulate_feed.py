"""``manage.py simulate_feed``: a day of events, at a chosen rate."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from demo.synthetic.events import SENT_AGAIN, Life, Traffic, batches
from demo.synthetic.sender import Sender, Undelivered
from offers.feed.events import MAX_EVENTS

FIGURES = (
    ("recus", "évènements envoyés"),
    ("appliques", "appliqués"),
    ("ignores", "ignorés (déjà connus ou dépassés)"),
    ("rejetes", "rejetés"),
)
OFFERS = "offres déjà dans Opus, en JSONL : les évènements portent aussi sur elles"
LOCAL = f"http://localhost:{settings.PORT}"
ARGUMENTS: tuple[tuple[str, type, Any, str], ...] = (
    ("--url", str, None, f"adresse d’Opus ({LOCAL})"),
    ("--secret", str, None, "secret whsec_… (le premier de OPUS_FEED_SECRETS)"),
    ("--rate", float, 1.0, "évènements par seconde ; 0 : sans attendre (1)"),
    ("--events", int, 2_000, "évènements ; 0 : sans fin (2000)"),
    ("--stock", int, 50, "offres créées d’abord (50)"),
    ("--seed", int, None, "graine (tirée au hasard)"),
)


class Command(BaseCommand):
    help = (
        "Joue une journée de France Travail : des évènements signés (créations, "
        "modifications, suspensions, réactivations, annulations, doublons, retards, "
        "désordre) envoyés à un Opus par HTTP. La même graine rejoue la même journée."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        for name, kind, default, text in ARGUMENTS:
            parser.add_argument(name, type=kind, default=default, help=text)
        parser.add_argument("--offers", metavar="FICHIER", help=OFFERS)

    def handle(self, *, verbosity: int, **options: Any) -> None:
        rate, events, stock = options["rate"], options["events"], options["stock"]
        secret = options["secret"] or next(iter(settings.FEED_SECRETS), None)
        if not secret:
            raise CommandError("Aucun secret : donnez --secret ou OPUS_FEED_SECRETS.")
        seed = options["seed"]
        # The demonstration's own offers have the seed 1.
        seed = SystemRandom().randint(1_000, 999_999) if seed is None else seed
        life = Life(seed, read_stock(options["offers"]), now=timezone.now)
        traffic = Traffic(life)
        tally: Counter[str] = Counter()
        size = min(max(1, round(rate)) if rate else 200, MAX_EVENTS // 2)
        with tqdm(
            total=events + stock if events else None,
            unit=" évènements",
            desc=f"Journée n° {seed}",
            file=sys.stderr,
            disable=not verbosity,
        ) as bar:
            try:
                sender = Sender(options["url"] or LOCAL, secret)
                born = [life.create() for _ in range(stock)]
                for start in range(0, stock, MAX_EVENTS):
                    count(tally, sender.send(born[start : start + MAX_EVENTS]))
                bar.update(stock)
                for batch in at_pace(batches(traffic, size, events), size, rate):
                    key = f"msg-{seed}-{time.monotonic_ns()}"
                    count(tally, sender.send(batch, key=key))
                    if traffic.dice.happens(SENT_AGAIN):
                        count(tally, sender.send(batch, key=key))
                    # The last batch is shorter, then come the late events.
                    bar.update(min(size, (bar.total or bar.n + size) - bar.n))
            except Undelivered as error:
                raise CommandError(str(error)) from error
            finally:
                bar.close()
                if verbosity:
                    for name, label in FIGURES:
                        self.stdout.write(f"{name:<10}{tally[name]:>10}  {label}")


def read_stock(path: str | None) -> Iterator[dict[str, Any]]:
    if path is None:
        return
    try:
        with Path(path).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                offer = json.loads(line)
                if not isinstance(offer, dict) or not isinstance(offer.get("id"), str):
                    raise CommandError(f"{path}, ligne {number} : pas une offre.")
                yield offer
    except OSError as error:
        raise CommandError(f"{path} : {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}, ligne illisible : {error}.") from error


def at_pace[T](items: Iterator[T], size: int, rate: float) -> Iterator[T]:
    due = time.monotonic()
    for item in items:
        yield item
        if rate:
            due = max(due + size / rate, time.monotonic() - size / rate)
            time.sleep(max(0.0, due - time.monotonic()))


def count(tally: Counter[str], figures: dict[str, Any]) -> None:
    for name, figure in figures.items():
        tally[name] += figure if isinstance(figure, int) else len(figure)
