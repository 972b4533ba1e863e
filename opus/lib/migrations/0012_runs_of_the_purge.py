"""What each run of the purge of personal data let go (V10, R25)."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lib", "0011_identifiers_of_france_travail")]

    operations = [
        migrations.CreateModel(
            name="PurgeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="commencée le",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="finie le")),
                (
                    "counts",
                    models.JSONField(default=dict, verbose_name="supprimé ou effacé"),
                ),
            ],
            options={
                "verbose_name": "purge des données personnelles",
                "verbose_name_plural": "purges des données personnelles",
                "ordering": ("-began_at",),
            },
        ),
    ]
