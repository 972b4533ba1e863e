-- The application may insert and read lines of the journal (opus.lib.database.roles).
-- Months open, and expired lines go, by functions that run as the owner of the tables.

ALTER FUNCTION opus_open_audit_months(timestamptz, integer)
    SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION opus_drop_audit_months()
    SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION opus_purge_audit_lines(integer)
    SECURITY DEFINER SET search_path = public, pg_temp;

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
