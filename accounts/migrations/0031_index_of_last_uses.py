"""Detection asks every twenty seconds which sessions were in use (S39)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0030_four_eyes_whoever_writes")]

    operations = [
        AddIndexConcurrently(
            "opensession", models.Index(fields=["seen_at"], name="session_last_use")
        )
    ]
