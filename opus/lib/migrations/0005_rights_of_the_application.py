"""What the application needs of the owner, and the date of a line of the journal.

The application may insert lines and read them (``opus.lib.database.roles``). Months
open, and expired lines go, by functions that run as the owner of the tables.
"""

from django.db import migrations

OWNERS_FUNCTIONS = """
ALTER FUNCTION opus_open_audit_months(timestamptz, integer)
    SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION opus_drop_audit_months()
    SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION opus_purge_audit_lines(integer)
    SECURITY DEFINER SET search_path = public, pg_temp;
"""
INVOKERS_FUNCTIONS = """
ALTER FUNCTION opus_open_audit_months(timestamptz, integer)
    SECURITY INVOKER RESET search_path;
ALTER FUNCTION opus_drop_audit_months() SECURITY INVOKER RESET search_path;
ALTER FUNCTION opus_purge_audit_lines(integer) SECURITY INVOKER RESET search_path;
"""
DATED = """
-- A line is dated when it is written: five minutes for clocks that differ. The owner may
-- date it otherwise, to put a copy or a stray line where it belongs.
CREATE FUNCTION opus_journal_is_dated_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.at BETWEEN statement_timestamp() - interval '5 minutes'
        AND statement_timestamp() + interval '5 minutes'
    THEN
        RETURN NEW;
    END IF;
    IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une ligne du journal porte la date de son écriture.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER lib_auditentry_dated_now BEFORE INSERT ON lib_auditentry
    FOR EACH ROW EXECUTE FUNCTION opus_journal_is_dated_now();
"""
UNDATED = """
DROP TRIGGER lib_auditentry_dated_now ON lib_auditentry;
DROP FUNCTION opus_journal_is_dated_now();
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0004_text_guard")]

    operations = [
        migrations.RunSQL(OWNERS_FUNCTIONS, INVOKERS_FUNCTIONS),
        migrations.RunSQL(DATED, UNDATED),
    ]
