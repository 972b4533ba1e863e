"""« Élodie » stands between « Edith » and « Emma »."""

from django.db import migrations

from opus.lib.database.name_order import ByName


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0053_network_without_loops"),
        # It makes ``opus_folded``.
        ("offers", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="agency",
            options={"ordering": (ByName("name"),), "verbose_name": "agence"},
        ),
        migrations.AlterModelOptions(
            name="structure",
            options={"ordering": (ByName("name"),), "verbose_name": "structure"},
        ),
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": (ByName("last_name"), ByName("first_name")),
                "verbose_name": "compte",
            },
        ),
    ]
