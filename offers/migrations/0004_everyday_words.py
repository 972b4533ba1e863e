"""The everyday words that Opus comes with."""

from typing import Any

from django.db import migrations

from offers.search.everyday_words import read_everyday_words


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
