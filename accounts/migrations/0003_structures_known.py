"""A structure has the SIRET of somebody, and a commune of the official list."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql
from opus.lib.forms.fields import siret_written


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rules"), ("offers", "0003_trades_of_labels")]

    operations = [
        migrations.AddConstraint("structure", siret_written("siret_of_a_structure")),
        run_sql(__file__, "communes"),
    ]
