"""``manage.py stand_in_api``: a local copy of the public API."""

import sys
import time
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from demo.synthetic import make_offers
from demo.synthetic.events import Life
from demo.synthetic.randomness import Dice
from demo.synthetic.sender import Sender, Undelivered
from demo.synthetic.stand_in_api import TOKEN_PATH, Fault, Server, StandIn, serving

TICK = 0.5
FAULTS = (
    Fault(429, {"Retry-After": "1"}),
    Fault(500),
    Fault(503, {"Retry-After": "1"}),
    Fault(401),
)
ARGUMENTS: tuple[tuple[str, Any, str], ...] = (
    ("--port", 8099, "port (8099)"),
    ("--offers", 2_000, "offres au départ (2000)"),
    ("--rate", 0.5, "changements par seconde (0,5)"),
    ("--faults", 0.0, "part des requêtes qui échouent : 401, 429, 5xx (0)"),
    ("--token-lasts", 1_499, "durée des jetons, en s"),
    ("--secret", "", "son secret whsec_…"),
    ("--lost", 0.05, "part des évènements perdus en route (0,05)"),
    ("--seed", 77, "graine (77)"),
)


class Command(BaseCommand):
    help = (
        "Tient lieu de l’API « Offres d’emploi v2 » sur cette machine : jetons, pages, "
        "fenêtres de dates, offres qui vont et viennent. Pour essais et démonstrations."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        for name, default, text in ARGUMENTS:
            parser.add_argument(name, type=type(default), default=default, help=text)
        push = "envoyer aussi les évènements à cet Opus, par le flux"
        parser.add_argument("--push", metavar="URL", help=push)

    def handle(self, *, verbosity: int, **options: Any) -> None:
        push, seed, faults = options["push"], options["seed"], options["faults"]
        if push and not options["secret"]:
            raise CommandError("--push demande --secret.")
        # Another seed, so that the day's new offers have other numbers.
        stock = make_offers(options["offers"], seed=seed + 1)
        life = Life(seed, stock, now=timezone.now)
        dice = Dice(seed + 1)
        stand_in = StandIn(life.shown, lasts=options["token_lasts"])
        with ExitStack() as at_the_end:
            server = serve(at_the_end, stand_in, options["port"])
            for name, value in (
                ("URL", server.url),
                ("TOKEN_URL", server.url + TOKEN_PATH),
                ("CLIENT_ID", stand_in.client_id),
                ("CLIENT_SECRET", stand_in.client_secret),
            ):
                self.stdout.write(f"export OPUS_API_{name}={value}")
            self.stdout.flush()
            with tqdm(unit=" requêtes", file=sys.stderr, disable=not verbosity) as bar:
                due = 0.0
                try:
                    sender = Sender(push, options["secret"]) if push else None
                    while True:
                        time.sleep(TICK)
                        due += options["rate"] * TICK
                        events = [life.next_event() for _ in range(int(due))]
                        due -= int(due)
                        if sender:
                            lost = options["lost"]
                            sender.send([e for e in events if not dice.happens(lost)])
                        if faults and len(stand_in.faults) < 2 and dice.happens(faults):
                            stand_in.faults.append(dice.pick(FAULTS))
                        bar.update(len(stand_in.paths) - bar.n)
                        states = [live.state for live in life.offers.values()]
                        shown = states.count("active")
                        bar.set_description(f"{shown} offres visibles")
                except Undelivered as error:
                    raise CommandError(str(error)) from error


def serve(at_the_end: ExitStack, stand_in: StandIn, port: int) -> Server:
    """Serve on a port; raise CommandError if it is not free."""
    try:
        return at_the_end.enter_context(serving(stand_in, port))
    except (OSError, OverflowError) as error:
        raise CommandError(f"--port {port}\xa0: {error}.") from error
