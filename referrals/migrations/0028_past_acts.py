"""What stays of acts that are gone: counts by cells of five persons (V10)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0027_date_changes_of_sheets")]

    operations = [
        migrations.CreateModel(
            name="PastActs",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "period",
                        "department",
                        "kind",
                        "outcome",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "period",
                    models.CharField(max_length=7, verbose_name="mois ou année"),
                ),
                (
                    "department",
                    models.CharField(max_length=6, verbose_name="département"),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="acte")),
                ("outcome", models.CharField(max_length=40, verbose_name="suite")),
                ("acts", models.PositiveIntegerField(verbose_name="actes")),
                ("persons", models.PositiveIntegerField(verbose_name="personnes")),
            ],
            options={
                "verbose_name": "actes passés",
                "verbose_name_plural": "actes passés",
                "ordering": ("period", "department", "kind", "outcome"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("persons__gte", 5)),
                        name="past_cell_of_five_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("acts__gte", models.F("persons"))),
                        name="past_cell_has_its_acts",
                    ),
                ],
            },
        ),
    ]
