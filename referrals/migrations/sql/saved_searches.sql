-- Twenty for an account, five for a person, counted under lock of its row: two forms
-- sent at once do not make one more.
CREATE FUNCTION opus_limit_searches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.account_id FOR NO KEY UPDATE;
    PERFORM 1 FROM referrals_candidate WHERE id = NEW.candidate_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM referrals_savedsearch
        WHERE account_id = NEW.account_id AND id <> NEW.id) >= 20
    OR (SELECT count(*) FROM referrals_savedsearch
        WHERE candidate_id = NEW.candidate_id AND id <> NEW.id) >= 5 THEN
        RAISE EXCEPTION 'Vingt recherches enregistrées au plus, cinq par personne.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'searches_within_limit';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_savedsearch_limit
    BEFORE INSERT OR UPDATE OF account_id, candidate_id ON referrals_savedsearch
    FOR EACH ROW EXECUTE FUNCTION opus_limit_searches();

-- Until when everything that came in can be seen: rows are dated when they are written,
-- and seen once committed. So the start of the oldest transaction that is writing. What
-- this backend saw of the others may be as old as its transaction: it looks again. The
-- margin is for one that has begun and not written yet: it is no writer to be known.
CREATE FUNCTION opus_settled_until(margin interval) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    before timestamptz := clock_timestamp() - margin;
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN least(before, (
        SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_xid IS NOT NULL
    ));
END $$;
