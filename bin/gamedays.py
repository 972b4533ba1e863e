import sys

from chaos_suite import game
from common import run_command
from packages import DEV, install, require_pango


def gameday(arguments: list[str]) -> int:
    options = game.read_options(arguments)
    install(DEV)
    require_pango()
    return game.play(options)


if __name__ == "__main__":
    run_command(gameday, sys.argv[1:])
