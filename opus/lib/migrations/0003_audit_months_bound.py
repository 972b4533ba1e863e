"""The function that opens months of the journal opens two years at most."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("lib", "0002_rules")]

    operations = [run_sql(__file__, "audit_months", reverse_sql=migrations.RunSQL.noop)]
