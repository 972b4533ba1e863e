-- A person who limited the use of her data, or objected to a part of it, is left alone
-- until the limit is lifted, whoever writes (GDPR 18, 21). The arguments are the codes of
-- the limits that stop this table, besides « tout ».
CREATE FUNCTION opus_within_limits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_limit text;
BEGIN
    -- A limit locks the row (FOR UPDATE): it waits for this one, or is seen.
    PERFORM FROM referrals_candidate WHERE id = NEW.candidate_id FOR KEY SHARE;
    SELECT reference INTO its_limit FROM referrals_processinglimit
        WHERE candidate_id = NEW.candidate_id AND lifted_at IS NULL
            AND (processing = 'tout' OR processing = ANY (TG_ARGV));
    IF FOUND THEN
        RAISE EXCEPTION 'Cette personne a limité l’usage de ses données (demande n° %) : cela ne se fait pas avant que France Travail lève cette limite.', its_limit
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_act_within_limits BEFORE INSERT ON referrals_act
    FOR EACH ROW EXECUTE FUNCTION opus_within_limits();
CREATE TRIGGER referrals_mailconsent_within_limits BEFORE INSERT ON referrals_mailconsent
    FOR EACH ROW EXECUTE FUNCTION opus_within_limits('courriels');
CREATE TRIGGER referrals_favourite_within_limits BEFORE INSERT ON referrals_favourite
    FOR EACH ROW WHEN (NEW.candidate_id IS NOT NULL)
    EXECUTE FUNCTION opus_within_limits();
CREATE TRIGGER referrals_savedsearch_within_limits BEFORE INSERT ON referrals_savedsearch
    FOR EACH ROW WHEN (NEW.candidate_id IS NOT NULL)
    EXECUTE FUNCTION opus_within_limits('veilles');

-- A limit says who asked and when: only its end is added, once. A merge moves it.
CREATE TRIGGER referrals_processinglimit_frozen BEFORE UPDATE ON referrals_processinglimit
    FOR EACH ROW WHEN (
        (OLD.processing, OLD.reference, OLD.placed_at, OLD.placed_by_id)
        IS DISTINCT FROM
        (NEW.processing, NEW.reference, NEW.placed_at, NEW.placed_by_id)
        OR (OLD.lifted_at IS NOT NULL AND
            (OLD.lifted_at, OLD.lifted_by_id)
            IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by_id))
    )
    EXECUTE FUNCTION opus_refuse('Une limite décidée ne change plus : elle se lève.');
