"""The convention de partenariat as a row of its own (art. 13)."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_rgc_rules")]

    operations = [
        migrations.CreateModel(
            name="Partnership",
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
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="numéro"),
                ),
                (
                    "partner",
                    models.CharField(
                        max_length=120,
                        verbose_name="partenaire ou réseau",
                        help_text="Par exemple l’union départementale des CCAS, ou la structure.",
                    ),
                ),
                (
                    "signed_on",
                    models.DateField(blank=True, null=True, verbose_name="signée le"),
                ),
                ("ends_on", models.DateField(verbose_name="prend fin le")),
            ],
            options={
                "verbose_name": "convention de partenariat",
                "verbose_name_plural": "conventions de partenariat",
                "ordering": ("-ends_on", "number"),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(signed_on=None) | Q(signed_on__lte=F("ends_on")),
                        name="partnership_signed_before_it_ends",
                        violation_error_message="La convention de partenariat prend fin avant sa signature : vérifiez les deux dates.",
                    ),
                    models.UniqueConstraint(
                        fields=["id", "ends_on"], name="partnership_with_its_end"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="convention",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conventions",
                to="accounts.partnership",
                verbose_name="convention de partenariat",
            ),
        ),
    ]
