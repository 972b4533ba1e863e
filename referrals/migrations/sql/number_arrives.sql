-- A number that arrives is waited for by « Opus ne garde aucune donnée sur vous »
-- (support, nothing_kept.sql).
CREATE FUNCTION opus_number_arrives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('opus_nothing_kept'));
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_number_arrives
    BEFORE INSERT OR UPDATE OF ft_id ON referrals_candidate
    FOR EACH ROW WHEN (NEW.ft_id <> '') EXECUTE FUNCTION opus_number_arrives();
