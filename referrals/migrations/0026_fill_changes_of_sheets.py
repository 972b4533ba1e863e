"""A sheet of before was last changed when it was added: nothing tells more."""

from django.db import migrations

FILL = "UPDATE referrals_candidate SET changed_at = created_at;"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0025_last_changes_of_sheets")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
