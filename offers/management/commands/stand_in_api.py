"""``manage.py stand_in_api``: a local copy of the public API."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from offers.synthetic import make_offers
from offers.synthetic.events import Life
from offers.synthetic.randomness import Dice
from offers.synthetic.sender import Sender, Undelivered
from offers.synthetic.stand_in_api import TOKEN_PATH, Fault, StandIn, serving

TICK = 0.5
FAULTS = (
    Fault(429, {"Retry-After": "1"}),
    Fault(500),
    Fault(503, {"Retry-After": "1"}),
    Fault(401),
)


class Command(BaseCommand):
    help = (
        "Tient lieu de l’API « Offres d’emploi v2 » sur cette machine : jetons, pages, "
        "fenêtres de dates, offres qui vont et viennent. Pour essais et démonstrations."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8099, help="port (8099)")
        parser.add_argument(
            "--offers", type=int, default=2_000, help="offres au départ (2000)"
        )
        parser.add_argument(
            "--rate", type=float, default=0.5, help="changements par seconde (0,5)"
        )
        parser.add_argument(
            "--faults",
            type=float,
            default=0.0,
            help="part des requêtes qui échouent : 401, 429, 5xx (0)",
        )
        parser.add_argument(
            "--token-lasts", type=int, default=1_499, help="durée des jetons, en s"
        )
        parser.add_argument(
            "--push",
            metavar="URL",
            help="envoyer aussi les évènements à cet Opus, par le flux",
        )
        parser.add_argument("--secret", default="", help="son secret whsec_…")
        parser.add_argument(
            "--lost",
            type=float,
            default=0.05,
            help="part des évènements perdus en route (0,05)",
        )
        parser.add_argument("--seed", type=int, default=77, help="graine (77)")

    def handle(
        self,
        *,
        port: int,
        offers: int,
        rate: float,
        faults: float,
        token_lasts: int,
        push: str | None,
        secret: str,
        lost: float,
        seed: int,
        verbosity: int,
        **options: Any,
    ) -> None:
        if push and not secret:
            raise CommandError("--push demande --secret.")
        # Another seed, so that the day's new offers have other numbers.
        life = Life(seed, make_offers(offers, seed=seed + 1), now=timezone.now)
        sender = Sender(push, secret) if push else None
        dice = Dice(seed + 1)
        stand_in = StandIn(life.shown, lasts=token_lasts)
        with serving(stand_in, port) as server:
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
                    while True:
                        time.sleep(TICK)
                        due += rate * TICK
                        events = [life.next_event() for _ in range(int(due))]
                        due -= int(due)
                        if sender:
                            sender.send([e for e in events if not dice.happens(lost)])
                        if faults and len(stand_in.faults) < 2 and dice.happens(faults):
                            stand_in.faults.append(dice.pick(FAULTS))
                        bar.update(len(stand_in.paths) - bar.n)
                        shown = sum(
                            live.state == "active" for live in life.offers.values()
                        )
                        bar.set_description(f"{shown} offres visibles")
                except Undelivered as error:
                    raise CommandError(str(error)) from error
                except KeyboardInterrupt:
                    pass
