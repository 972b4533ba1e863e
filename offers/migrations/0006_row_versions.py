"""The rows that people edit have a number, raised at each change."""

from django.db import migrations, models

from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0003_number_of_changes"),
        ("offers", "0005_search_without_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedsearch",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        raise_version("offers_savedsearch"),
    ]
