"""What was announced of a paper is known: another change is announced, and a return."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0013_number_arrives")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="told_of",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                editable=False,
                null=True,
                size=None,
                verbose_name="ce qui a été annoncé",
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="made_of",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                editable=False,
                null=True,
                size=None,
                verbose_name="ce qu’il imprime",
            ),
        ),
    ]
