"""Words that name jobs in live offers: what a misspelt question may have meant."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0015_index_of_signs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "plain",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                ("label", models.CharField(max_length=40, verbose_name="mot")),
                ("uses", models.PositiveIntegerField(verbose_name="emplois")),
            ],
            options={
                "verbose_name": "mot des offres",
                "verbose_name_plural": "mots des offres",
                "ordering": ("plain",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["plain"],
                        name="word_trigrams",
                        opclasses=["gin_trgm_ops"],
                    )
                ],
            },
        ),
    ]
