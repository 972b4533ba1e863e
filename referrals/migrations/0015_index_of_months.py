"""The follow-up counts acts by structure and month (art. 11)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("referrals", "0013_slots_that_are_closed")]

    operations = [
        operation
        for name in ("cvrequest", "referral", "screenedreferral", "summons")
        for operation in (
            AddIndexConcurrently(
                name,
                models.Index(fields=["structure", "created_at"], name=f"{name}_made"),
            ),
            AddIndexConcurrently(
                name, models.Index(fields=["created_at"], name=f"{name}_made_at")
            ),
        )
    ]
