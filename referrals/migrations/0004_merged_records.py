"""The numbers of records that were merged into another (V13, V24)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_processing_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MergedRecord",
            fields=[
                (
                    "former",
                    models.UUIDField(
                        primary_key=True,
                        serialize=False,
                        verbose_name="n° de l’ancienne fiche",
                    ),
                ),
                (
                    "merged_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="réunie le",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="réunie par",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merged",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
            ],
            options={
                "verbose_name": "ancienne fiche réunie",
                "verbose_name_plural": "anciennes fiches réunies",
                "ordering": ("merged_at", "former"),
            },
        )
    ]
