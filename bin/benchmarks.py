"""bin/bench: measure Opus on many offers."""

import sys

from benches.kept import measure
from benches.options import read_options
from common import run_command
from packages import DEV, install


def bench(arguments: list[str]) -> int:
    options = read_options(arguments)
    install(DEV)
    return measure(options)


if __name__ == "__main__":
    run_command(bench, sys.argv[1:])
