"""bin/bench: its options and its servers. Standard library only."""

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import QUIET, ROOT, Failed, locked
from packages import DEV, install
from processes import call
from servers import Servers
from stack import demo_environment

# The order in which ``all`` runs them, each with what it measures.
BENCHES = {
    "search": "pages of results, alone and eight at once; two yardsticks",
    "relevance": "everyday queries, judged by hand; Tantivy beside",
    "snapshot": "files: first load, the same again, 5 % changed, 5 % withdrawn",
    "documents": "from an act to its PDF, documents a second; the printer alone",
    "feed": "events: from the post of a withdrawal until nobody sees the offer",
}
# Those that need real offers as they are, in their own places; no more than these.
AS_THEY_ARE = {"relevance": 20_000}
BENCH = ROOT / ".opus-bench"
ALL = "all"
MOST = 10_000_000
USAGE = """\
Measures Opus on servers of its own, kept in .opus-bench/ with the offers that it made.

{benches}
  {all:<12}each of them
"""


def read_options(arguments: list[str]) -> Namespace:
    """Parse ``name``, ``offers`` and ``real``; raise Failed if unknown."""
    benches = "\n".join(f"  {name:<12}{what}" for name, what in BENCHES.items())
    parser = ArgumentParser(
        prog="bin/bench",
        formatter_class=RawDescriptionHelpFormatter,
        description=USAGE.format(all=ALL, benches=benches),
    )
    help_ = (
        "JSONL of real offers, or their folder, multiplied in place of invented ones"
    )
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument(
        "--offers", default="1000000", metavar="N", help="how many (1000000)"
    )
    parser.add_argument("--real", type=Path, metavar="PATH", help=help_)
    options = parser.parse_args(arguments)
    if options.name not in {ALL, *BENCHES}:
        raise Failed(
            f"bin/bench does not know “{options.name}”. It measures"
            f" {', '.join(BENCHES)}, or all of them: bin/bench {ALL}"
        )
    number = options.offers
    if not number.isdecimal() or not 0 < int(number) <= MOST:
        raise Failed(f"--offers {number}: write a whole number from 1 to {MOST}.")
    if options.real and not options.real.exists():
        raise Failed(f"--real {options.real}: there is no such file or folder.")
    return options


def bench(arguments: list[str]) -> int:
    """Run each bench in its own process; return the code."""
    options = read_options(arguments)
    install(DEV)
    with kept_servers() as environment:
        for words in commands_of(options):
            if code := call(QUIET, "tests.benches", *words, environment=environment):
                return code
    return 0


def commands_of(options: Namespace) -> Iterator[list[str]]:
    real = ["--real", str(options.real.resolve())] if options.real else []
    for name in BENCHES if options.name == ALL else [options.name]:
        yield [name, "--offers", options.offers, *real]


@contextmanager
def kept_servers() -> Iterator[dict[str, str]]:
    """Yield the variables of servers as durable as bin/run's.

    Raises Failed if another bench uses them, or if the caller names a server.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise Failed(
            "bin/bench makes databases of its own on a server of its own:"
            " unset DATABASE_URL and REDIS_URL."
        )
    servers = Servers(BENCH)
    try:
        with locked(BENCH / "lock", wait=False):
            try:
                yield demo_environment(BENCH) | servers.start()
            finally:
                servers.stop()
    except BlockingIOError:
        raise Failed(
            "Another bin/bench runs in this folder: wait until it has ended."
        ) from None
