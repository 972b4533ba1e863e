"""Names of sectors are everyday words: « logistique », « petite enfance »."""

from pathlib import Path
from typing import Any

from django.db import migrations

SECTORS = Path(__file__).parents[1] / "search" / "data" / "sectors.tsv"


def load_sectors(apps: Any, schema_editor: Any) -> None:
    """Add the words; what staff wrote of one of them stays."""
    model = apps.get_model("offers", "EverydayWord")
    rows = []
    for line in SECTORS.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        rows += [model(words=one, trades=codes.split()) for one in words.split(" ; ")]
    model.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("offers", "0005_posts_left_have_an_instant")]

    operations = [migrations.RunPython(load_sectors, migrations.RunPython.noop)]
