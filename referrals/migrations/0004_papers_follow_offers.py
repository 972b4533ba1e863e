"""A document knows what its offer said when it was made (art. 7)."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_searches_of_exact_words")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="change_told_at",
            field=models.DateTimeField(
                editable=False,
                null=True,
                verbose_name="changement de l’offre annoncé le",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="made_of",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                editable=False,
                null=True,
                verbose_name="ce que disait l’offre",
            ),
        ),
    ]
