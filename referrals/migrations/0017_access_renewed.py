"""What is confided to an account closes when its access is renewed."""

from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_requests_are_denied"),
        ("referrals", "0016_transfer_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="standin",
            name="is_cut",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        run_sql(__file__, "access_renewed"),
    ]
