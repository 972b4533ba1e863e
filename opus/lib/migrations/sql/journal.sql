-- The journal is kept twelve months, then its lines go (S40).
--
-- No flag opens the append-only rule: the rule itself knows the age at which a line may
-- go. Before twelve months nobody removes one, whatever he sets or calls; after, the
-- purge does, and who did it earlier than the purge gained nothing. A change is never
-- let through.
CREATE FUNCTION opus_journal_is_append_only()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '12 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Le journal ne se modifie pas et ne s’efface pas (%).', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER lib_auditentry_append_only BEFORE UPDATE OR DELETE ON lib_auditentry
    FOR EACH ROW EXECUTE FUNCTION opus_journal_is_append_only();
CREATE TRIGGER lib_auditentry_no_truncate BEFORE TRUNCATE ON lib_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION opus_journal_is_append_only();

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
          AND inhrelid::regclass::text ~ '^lib_auditentry_\d{4}_\d{2}$'
        ORDER BY 1
    LOOP
        CONTINUE WHEN (to_date(right(month.name, 7), 'YYYY_MM') + interval '1 month')
            AT TIME ZONE 'UTC' > now() - interval '12 months';
        EXECUTE format('DROP TABLE %I', month.name);
        dropped := dropped || month.name;
    END LOOP;
    RETURN dropped;
END $$;

-- Has the partitions of a month and of those that follow. Where entries of a month
-- fell into the default partition (nobody had opened that month), that partition is
-- set aside, emptied through the front door and made again: nothing is lost. The application calls
-- it with the rights of the owner: months without bounds would fill the catalogue.
CREATE FUNCTION opus_open_audit_months(since timestamptz, ahead integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', since AT TIME ZONE 'UTC')::date;
    month date;
    partition text;
    has_strays boolean;
BEGIN
    IF ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'Le journal ouvre 24 mois au plus à la fois (%).', ahead
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR n IN 0..ahead LOOP
        month := first + make_interval(months => n);
        partition := 'lib_auditentry_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- One at a time: two beats may come together.
        PERFORM pg_advisory_xact_lock(hashtext('opus_open_audit_months'));
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        SELECT EXISTS (
            SELECT FROM lib_auditentry_default
            WHERE at >= month::timestamp AT TIME ZONE 'UTC'
              AND at < (month + interval '1 month') AT TIME ZONE 'UTC'
        ) INTO has_strays;
        IF has_strays THEN
            ALTER TABLE lib_auditentry DETACH PARTITION lib_auditentry_default;
            ALTER TABLE lib_auditentry_default RENAME TO lib_auditentry_strays;
        END IF;
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF lib_auditentry FOR VALUES FROM (%L) TO (%L)',
            partition,
            month::timestamp AT TIME ZONE 'UTC',
            (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        IF has_strays THEN
            CREATE TABLE lib_auditentry_default PARTITION OF lib_auditentry DEFAULT;
            INSERT INTO lib_auditentry SELECT * FROM lib_auditentry_strays;
            DROP TABLE lib_auditentry_strays;
        END IF;
    END LOOP;
END $$;
SELECT opus_open_audit_months(now(), 13);

-- By account, object and date; by action, sign-ins; the few lines that have parts (S37).
CREATE INDEX lib_auditentry_actor ON lib_auditentry (actor_id, at);
CREATE INDEX lib_auditentry_target ON lib_auditentry (target_type, target_id, at);
CREATE INDEX lib_auditentry_at ON lib_auditentry (at);
CREATE INDEX lib_auditentry_action ON lib_auditentry (action, at);
CREATE INDEX lib_auditentry_signins ON lib_auditentry (actor_id, at)
    WHERE action = 'sign_in';
CREATE INDEX lib_auditentry_parts ON lib_auditentry
    USING gin ((details -> 'parts') jsonb_path_ops) WHERE details ? 'parts';
