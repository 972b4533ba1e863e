"""Guards read the same after a restoration."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("referrals", "0016_transfer_days")]

    operations = [run_sql(__file__, "guards_as_restored")]
