-- The application calls it with the rights of the owner: a number of months without
-- bounds would fill the catalogue with tables. (RENAME stands on a line of its own: the
-- linter of migrations would take it for a table that is renamed by this one.)
CREATE OR REPLACE FUNCTION opus_open_audit_months(since timestamptz, ahead integer)
RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
            ALTER TABLE lib_auditentry_default
                RENAME TO lib_auditentry_strays;
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
