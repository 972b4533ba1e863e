import importlib
import os
import sys

import django
from common import ROOT, Failed

from benches.options import read_options

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")


def main() -> int:
    options = read_options(sys.argv[1:])
    # Psycopg alone until the database is known: Django keeps its first settings.
    million = importlib.import_module("benches.million").ready(options)
    os.environ |= million.environment
    django.setup()
    [name] = options.names
    importlib.import_module(f"benches.{name}").run(million)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit(130)
