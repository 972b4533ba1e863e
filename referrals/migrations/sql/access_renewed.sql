-- Who gets a slip, an address or factors anew may be somebody else, and a reopening would
-- open persons again by one word: what was confided to that account for a time closes at
-- once, whoever writes, and is asked anew (ADR 28).
CREATE FUNCTION opus_confided_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE referrals_standin
    SET ended_at = now(), ended_by_id = coalesce(NEW.by_id, NEW.account_id),
        is_cut = true
    WHERE colleague_id = NEW.account_id AND ended_at IS NULL
      AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_securityevent_confided_closes
    AFTER INSERT ON accounts_securityevent
    FOR EACH ROW WHEN (NEW.kind IN ('premier_acces', 'adresse', 'remise_a_zero'))
    EXECUTE FUNCTION opus_confided_closes();
CREATE TRIGGER accounts_accountstep_confided_closes
    AFTER INSERT ON accounts_accountstep
    FOR EACH ROW WHEN (NEW.origin = 'suspendu' AND NEW.target <> 'ferme')
    EXECUTE FUNCTION opus_confided_closes();

-- What ended so is asked anew, once.
CREATE OR REPLACE FUNCTION opus_stand_in_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes text[] = CASE
        WHEN OLD.ended_at IS NULL THEN ARRAY['ended_at', 'ended_by_id', 'is_cut']
        WHEN OLD.is_cut THEN ARRAY['is_cut']
    END;
BEGIN
    IF changes IS NULL OR (to_jsonb(NEW) - changes) IS DISTINCT FROM (to_jsonb(OLD) - changes)
    THEN
        RAISE EXCEPTION 'Des suivis confiés ne changent plus : ils se reprennent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_only_ends';
    END IF;
    RETURN NEW;
END $$;
