"""Offers of a label without a ROME code are found by their trade."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("offers", "0002_rules")]

    operations = [run_sql(__file__, "trades_of_labels")]
