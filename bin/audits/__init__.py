"""bin/audit: its options and its start. Standard library only."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from common import QUIET
from packages import DEV, install
from processes import call


def audit(arguments: list[str]) -> int:
    """Write the packages of run.lock, list their known vulnerabilities (S42).

    The inventory is an SBOM (CycloneDX). Exit code: 0 none, 1 some, 2 not all are
    known.
    """
    read_options(arguments)
    install(DEV)
    return call(QUIET, "audits.report", *arguments, environment={})


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="bin/audit", description=audit.__doc__)
    parser.add_argument("--sbom", type=Path, metavar="FILE", help="write it there")
    parser.add_argument("--offline", action="store_true", help="the inventory alone")
    help_ = "that OSV query address, not the package index"
    parser.add_argument("--osv", metavar="URL", help=help_)
    return parser.parse_args(arguments)
