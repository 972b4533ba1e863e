"""Extensions, the functions that every app uses, and the rules of the journal."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("lib", "0001_initial")]

    operations = [
        run_sql(__file__, "extensions"),
        run_sql(__file__, "text"),
        run_sql(__file__, "states"),
        run_sql(__file__, "journal"),
        run_sql(__file__, "detection"),
        run_sql(__file__, "rights"),
    ]
