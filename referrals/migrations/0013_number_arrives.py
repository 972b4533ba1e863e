"""A number that arrives is waited for by who says that Opus keeps nothing."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("referrals", "0012_rows_of_the_list_are_frozen")]

    operations = [run_sql(__file__, "number_arrives")]
