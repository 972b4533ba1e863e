"""The counters of searches, exports, documents (S6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_letters_are_evidence")]

    operations = [
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "key",
                    models.CharField(max_length=80, primary_key=True, serialize=False),
                ),
                ("counts", models.JSONField(default=dict)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "compteur d’usages",
                "verbose_name_plural": "compteurs d’usages",
            },
        ),
    ]
