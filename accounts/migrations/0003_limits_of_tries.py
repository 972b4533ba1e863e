"""The counters of the limiter (S6)."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="Throttle",
            fields=[
                (
                    "key",
                    models.CharField(max_length=80, primary_key=True, serialize=False),
                ),
                (
                    "tries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "compteur d’essais",
                "verbose_name_plural": "compteurs d’essais",
            },
        ),
    ]
