"""The modes known so far came from files: each is of the date of its content."""

from django.db import migrations

DATE_MODES = """
SET LOCAL statement_timeout = 0;
SET LOCAL opus.sync = 'on';
UPDATE offers_offer SET mode_at = updated_at WHERE mode_declared;
SET LOCAL opus.sync = 'off';
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0007_sources_of_offers")]

    operations = [migrations.RunSQL(DATE_MODES, migrations.RunSQL.noop)]
