"""A column for how to reach the employer, where an offer's texts tell it (S22)."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0003_rules_in_sql")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="contacts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                null=True,
                size=None,
                verbose_name="coordonnées dans les textes",
            ),
        )
    ]
