"""A filled offer stays so when a later content says nothing of its posts."""

from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("offers", "0004_quarantine_is_closed")]

    operations = [
        migrations.AddField(
            "offer",
            "posts_left_at",
            models.DateTimeField(
                editable=False, null=True, verbose_name="postes restants connus le"
            ),
        ),
        run_sql(__file__, "posts_left"),
    ]
