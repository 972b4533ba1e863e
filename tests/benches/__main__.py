import importlib
import os
import sys

import django
from common import run_command

from tests.benches.command import AS_THEY_ARE, MOST, read_options
from tests.benches.million import ready


def main(arguments: list[str]) -> int:
    options = read_options(arguments)
    # Psycopg alone until the database is known: Django keeps its first settings.
    most = AS_THEY_ARE.get(options.name)
    how = "as-they-are" if most else "multiplied"
    million = ready(min(int(options.offers), most or MOST), options.real, how)
    os.environ |= million.environment
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
    django.setup()
    importlib.import_module(f"tests.benches.{options.name}").run(million)
    return 0


if __name__ == "__main__":
    run_command(main, sys.argv[1:])
