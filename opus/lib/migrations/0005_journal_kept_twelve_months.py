"""The journal is kept twelve months, then it goes by itself (S40).

No flag opens the append-only rule: the rule itself tells the age at which a line may
go. Before twelve months nobody removes one, whatever he sets or calls; after, the purge
does, and who did it earlier than the purge gained nothing. A change is never let through.
"""

from django.db import migrations

KEPT = """
CREATE OR REPLACE FUNCTION opus_journal_is_append_only()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '12 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Le journal ne se modifie pas et ne s’efface pas (%).', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

-- Removes some of the lines that are past twelve months, wherever they stand (a month
-- under way, or the default partition). Says how many: call it until it says 0.
CREATE FUNCTION opus_purge_audit_lines(at_most integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    removed bigint;
BEGIN
    WITH past AS (
        SELECT id, at FROM lib_auditentry WHERE at < now() - interval '12 months'
        ORDER BY at LIMIT at_most
    )
    DELETE FROM lib_auditentry entry USING past
    WHERE entry.id = past.id AND entry.at = past.at;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;

-- Drops the months that ended more than twelve months ago: a wait of a second at most
-- for the readers' lock, and another try at the next run.
CREATE FUNCTION opus_drop_audit_months() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    month record;
    dropped text[] := '{}';
BEGIN
    PERFORM set_config('lock_timeout', '1s', true);
    FOR month IN
        SELECT inhrelid::regclass::text AS name FROM pg_inherits
        WHERE inhparent = 'lib_auditentry'::regclass
          AND inhrelid::regclass::text ~ '^lib_auditentry_\\d{4}_\\d{2}$'
        ORDER BY 1
    LOOP
        CONTINUE WHEN (to_date(right(month.name, 7), 'YYYY_MM') + interval '1 month')
            AT TIME ZONE 'UTC' > now() - interval '12 months';
        EXECUTE format('DROP TABLE %I', month.name);
        dropped := dropped || month.name;
    END LOOP;
    RETURN dropped;
END $$;
"""

UNDO_KEPT = """
DROP FUNCTION opus_drop_audit_months();
DROP FUNCTION opus_purge_audit_lines(integer);
CREATE OR REPLACE FUNCTION opus_journal_is_append_only()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le journal ne se modifie pas et ne s’efface pas (%).', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0004_indexes_of_detection")]

    operations = [migrations.RunSQL(KEPT, UNDO_KEPT)]
