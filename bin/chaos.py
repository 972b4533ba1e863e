import sys

from chaos_suite import experiment
from common import run_command
from packages import DEV, install, require_pango


def chaos(arguments: list[str]) -> int:
    options = experiment.read_options(arguments)
    install(DEV)
    require_pango()
    return experiment.play(options)


if __name__ == "__main__":
    run_command(chaos, sys.argv[1:])
