"""The last run of each regular job (R25)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lib", "0005_journal_kept_twelve_months")]

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="tâche",
                    ),
                ),
                ("every", models.DurationField(verbose_name="toutes les")),
                ("ended_at", models.DateTimeField(verbose_name="dernière fin")),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        max_length=60,
                        verbose_name="erreur du dernier essai",
                    ),
                ),
            ],
            options={
                "verbose_name": "tâche de fond",
                "verbose_name_plural": "tâches de fond",
                "ordering": ("name",),
            },
        )
    ]
