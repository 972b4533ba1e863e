"""The index of the search, everyday words; offers are a mirror."""

from pathlib import Path
from typing import Any

from django.db import migrations

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves
from opus.lib.database.versions import raise_version

DATA = Path(__file__).parents[1] / "search" / "data"
EVERYDAY_WORDS, SECTORS = DATA / "everyday_words.tsv", DATA / "sectors.tsv"


def read_everyday_words() -> dict[str, list[str]]:
    """Return ROME codes by words; the first line of a word counts."""
    found: dict[str, list[str]] = {}
    for line in EVERYDAY_WORDS.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        for each in words.split(" ; "):
            found.setdefault(each, codes.split())
    return found


def load_everyday_words(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("offers", "EverydayWord")
    words = read_everyday_words().items()
    rows = (model(words=one, trades=codes) for one, codes in words)
    # Two that read as one, as « l’éduc spé » and « éduc spé »: the first counts.
    model.objects.bulk_create(rows, ignore_conflicts=True)


def load_sectors(apps: Any, schema_editor: Any) -> None:
    """Add the names of sectors; a word that is there stays."""
    model = apps.get_model("offers", "EverydayWord")
    rows = []
    for line in SECTORS.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        rows += [model(words=one, trades=codes.split()) for one in words.split(" ; ")]
    model.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_initial")]

    operations = [
        run_sql(__file__, "search"),
        run_sql(__file__, "catalogue"),
        run_sql(__file__, "page"),
        run_sql(__file__, "trades_of_labels"),
        run_sql(__file__, "posts_left"),
        run_sql(__file__, "rights"),
        guard_moves("offers_quarantine", {"attente": ["close"]}),
        raise_version("offers_everydayword"),
        migrations.RunPython(load_everyday_words, migrations.RunPython.noop),
        migrations.RunPython(load_sectors, migrations.RunPython.noop),
    ]
