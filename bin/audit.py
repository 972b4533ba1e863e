"""Start bin/audit without packages; audits.py does the work."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from common import ROOT, run_command
from packages import DEV, install
from processes import call

DESCRIPTION = """
Write the inventory of requirements/run.lock (SBOM, CycloneDX), then list the known
vulnerabilities of its packages. Exit code: 0 none, 1 some, 2 not all are known."""


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="bin/audit", description=DESCRIPTION)
    parser.add_argument("--sbom", type=Path, metavar="FILE", help="write it there")
    parser.add_argument("--offline", action="store_true", help="the inventory alone")
    parser.add_argument(
        "--osv", metavar="URL", help="that OSV query address, not the package index"
    )
    return parser.parse_args(arguments)


def audit(arguments: list[str]) -> int:
    """List production packages and their known vulnerabilities (S42)."""
    read_options(arguments)
    install(DEV)
    return call(str(ROOT / "bin" / "audits.py"), *arguments, environment={})


if __name__ == "__main__":
    run_command(audit, sys.argv[1:])
