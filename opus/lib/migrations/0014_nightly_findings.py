"""How many rows break each invariant, as the last night counted them (R28)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lib", "0013_whose_database_this_is")]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=60,
                        primary_key=True,
                        serialize=False,
                        verbose_name="contrôle",
                    ),
                ),
                (
                    "count",
                    models.PositiveIntegerField(verbose_name="lignes en défaut"),
                ),
                ("checked_at", models.DateTimeField(verbose_name="contrôlé le")),
                (
                    "first_at",
                    models.DateTimeField(null=True, verbose_name="en défaut depuis le"),
                ),
            ],
            options={
                "verbose_name": "contrôle de cohérence",
                "verbose_name_plural": "contrôles de cohérence",
                "ordering": ("name",),
            },
        )
    ]
