"""The words and the index of the search; offers are a mirror."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_initial")]

    operations = [
        run_sql(__file__, "words"),
        run_sql(__file__, "search"),
        run_sql(__file__, "catalogue"),
        run_sql(__file__, "page"),
        run_sql(__file__, "rights"),
    ]
