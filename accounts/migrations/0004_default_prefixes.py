"""A prefix made from its name for each structure that has none."""

from typing import Any

from django.db import migrations

from accounts.structures.prefixes import default_prefix


def make_prefixes(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("accounts", "Structure").objects.order_by("pk")
    taken = set(rows.values_list("identifier_prefix", flat=True))
    for structure in rows.filter(identifier_prefix=None):
        structure.identifier_prefix = default_prefix(structure.name, taken)
        structure.save(update_fields=["identifier_prefix"])
        taken.add(structure.identifier_prefix)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_identifier_prefixes")]

    operations = [migrations.RunPython(make_prefixes, migrations.RunPython.noop)]
