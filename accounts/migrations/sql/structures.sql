-- No place of France Travail's network stands above itself, whoever writes.
--
-- After each row, so that one statement may turn a branch over; one writer at a time, so
-- that two of them make no loop together.
CREATE FUNCTION opus_refuse_loop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_agency.parent'));
    -- UNION, not UNION ALL: a place met twice is walked once.
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT safir, parent_id FROM accounts_agency WHERE safir = NEW.parent_id
            UNION
            SELECT next.safir, next.parent_id
            FROM above JOIN accounts_agency AS next ON next.safir = above.parent_id
        )
        SELECT FROM above WHERE safir = NEW.safir
    ) THEN
        RAISE EXCEPTION 'Une agence ne dépend pas d’elle-même, ni d’une agence qui dépend d’elle : choisissez un autre rattachement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_has_no_loop';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_agency_has_no_loop
    AFTER INSERT OR UPDATE OF parent_id ON accounts_agency
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION opus_refuse_loop();
