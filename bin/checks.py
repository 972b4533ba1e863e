"""The steps of bin/check: all of them run, each says one line, one fault fails all."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common import ROOT, say

PYTHON = sys.executable
TOOLS = Path(sys.executable).parent
MANAGE = [PYTHON, "manage.py"]
TEMPLATES = sorted(map(str, ROOT.glob("templates/**/*.html")))
APPS = ["lib", "accounts", "offers", "desk", "referrals"]
# What the linter refuses, and why each breaks no release that runs beside it.
UNRELEASED = [
    # The beginning of each app: its tables are new, nobody reads them yet (ADR 13).
    # What the journal's functions rename are partitions that they make themselves,
    # months later and under their lock.
    "0001_initial",
    "0002_journal_in_sql",
    # No installation exists before 1.0.0: no running release reads these tables.
    "0007_background_files",
    "0014_background_files",
    "0020_background_files",
    "0055_background_files",
    "0021_proposals_are_tickets",
    "0056_one_row_a_review_meeting",
    "0008_saved_searches_leave",
    "0015_saved_searches",
]
LINT_MIGRATIONS = f"""
import django; django.setup()
from django.core.management import call_command
from django_migration_linter.management.commands.lintmigrations import Command
call_command(
    Command(), no_cache=True, include_apps={APPS}, ignore_name={UNRELEASED}
)
"""
PRODUCTION = {
    "OPUS_DEMO": "0",
    "OPUS_HOSTS": "opus.example.fr",
    "OPUS_TRUSTED_ORIGINS": "https://opus.example.fr",
    "OPUS_SMTP": "smtps://opus@mail.example.fr",
}
# The content security policy refuses them (S29): looks are classes, behaviours are
# files of static/js.
INLINE = re.compile(
    r"""\s(?:style|on[a-z]+)\s*=\s*["']|<style\b|javascript:"""
    r"""|<script(?![^>]*\b(?:src|nonce|type="application/json")=?)""",
    re.IGNORECASE,
)

STEPS: dict[str, list[str]] = {
    "types": [PYTHON, "-m", "mypy"],
    "style": [PYTHON, "-m", "ruff", "check", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "imports": [
        PYTHON,
        "-c",
        "from importlinter.cli import lint_imports_command as check; check()",
    ],
    "libraries: as they are": [PYTHON, str(ROOT / "bin" / "internals.py")],
    "templates: syntax": [str(TOOLS / "djade"), "--check", *TEMPLATES],
    "templates: html": [PYTHON, "-m", "djlint", "--lint", "--quiet", *TEMPLATES],
    "migrations: complete": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "migrations: safe": [PYTHON, "-c", LINT_MIGRATIONS],
    "settings of production": [
        *MANAGE,
        *("check", "--deploy", "--fail-level", "WARNING"),
    ],
}

FIXES = [
    [PYTHON, "-m", "ruff", "check", "--fix-only", "--quiet", "."],
    [PYTHON, "-m", "ruff", "format", "--quiet", "."],
    [str(TOOLS / "djade"), *TEMPLATES],
]


def run(name: str) -> bool:
    """Runs a step and says how it went, with all that it printed if it failed."""
    start = time.monotonic()
    result = subprocess.run(
        STEPS[name],
        env=os.environ | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "opus.settings"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return report(name, result.returncode == 0, start, result.stdout)


def no_inline_code() -> bool:
    """Looks for styles and handlers written inside a template."""
    start = time.monotonic()
    found = [
        f"{Path(template).relative_to(ROOT)}:{number}: {line.strip()}"
        for template in TEMPLATES
        for number, line in enumerate(Path(template).read_text().splitlines(), 1)
        if INLINE.search(line)
    ]
    return report("templates: no inline code", not found, start, "\n".join(found))


def report(name: str, is_well: bool, start: float, output: str) -> bool:
    """One line, and the output of a failure below it."""
    seconds = time.monotonic() - start
    say(f"  {'ok  ' if is_well else 'FAIL'} {name} ({seconds:.1f} s)")
    if not is_well:
        say(output.strip())
    return is_well


def main() -> int:
    """Runs the steps two by two and returns the exit code; ``--fix`` mends first."""
    if "--fix" in sys.argv:
        for fix in FIXES:
            subprocess.run(fix, cwd=ROOT)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = [*pool.map(run, STEPS), no_inline_code()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
