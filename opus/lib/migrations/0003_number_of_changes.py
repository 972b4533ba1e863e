"""The trigger function that numbers the changes of a row (``opus.lib.database.versions``)."""

from django.db import migrations

RAISE_VERSION = """
CREATE FUNCTION opus_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0002_journal_in_sql")]

    operations = [
        migrations.RunSQL(RAISE_VERSION, "DROP FUNCTION opus_raise_version();")
    ]
