"""Which running Opus the database belongs to: a restored copy is mute (R21)."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("lib", "0012_runs_of_the_purge")]

    operations = [
        migrations.CreateModel(
            name="Instance",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mark", models.CharField(max_length=300, verbose_name="marque")),
                (
                    "since",
                    models.DateTimeField(db_default=Now(), verbose_name="depuis le"),
                ),
            ],
            options={
                "verbose_name": "instance",
                "verbose_name_plural": "instances",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="one_instance_only"
                    )
                ],
            },
        )
    ]
