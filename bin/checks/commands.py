"""bin/test and bin/check, on servers of their own. Standard library only."""

from argparse import ArgumentParser

from common import QUIET, ROOT, say
from packages import DEV, install, require_pango
from processes import call

from checks.throw_away import throw_away_servers


def test(arguments: list[str]) -> int:
    """Run the tests on servers of their own.

    All other words are pytest's.
    --coverage measures what is run, and fails below the floor of pyproject.toml.
    For instance: bin/test tests/offers -k macon -n 0
    OPUS_REQUIRE_BROWSER=1 makes it an error that no Chromium is found.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        say(f"usage: bin/test [words of pytest]\n\n{test.__doc__}")
        return 0
    install(DEV)
    require_pango()
    # A process that has finished its tests continues with another's.
    words = ["-n", "logical", "--dist", "worksteal"]
    words.append("--reuse-db")  # The tables are there: see throw_away.py.
    with throw_away_servers() as environment:
        arguments = ["--cov" if one == "--coverage" else one for one in arguments]
        words = [QUIET, "pytest", *words, *arguments]
        return call(*words, environment=environment, cwd=ROOT)


def check(arguments: list[str]) -> int:
    """Check types, style, imports, templates and migrations."""
    parser = ArgumentParser(prog="bin/check", description=check.__doc__)
    help_ = "first correct what the tools can correct"
    parser.add_argument("--fix", action="store_true", help=help_)
    parser.parse_args(arguments)
    install(DEV)
    with throw_away_servers() as environment:
        return call(QUIET, "checks", *arguments, environment=environment)
