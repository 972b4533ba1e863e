"""The everyday words that Opus comes with."""

from pathlib import Path
from typing import Any

from django.db import migrations

FILE = Path(__file__).parents[1] / "search" / "data" / "everyday_words.tsv"


def read_everyday_words() -> dict[str, list[str]]:
    """Return ROME codes by words; the first line of a word counts."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        for each in words.split(" ; "):
            found.setdefault(each, codes.split())
    return found


def load(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("offers", "EverydayWord")
    model.objects.bulk_create(
        (
            model(words=words, trades=trades)
            for words, trades in read_everyday_words().items()
        ),
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("offers", "0003_reading_words")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
