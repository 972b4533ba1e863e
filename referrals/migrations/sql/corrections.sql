-- What a record said is never changed; it goes with the record (V14).
CREATE FUNCTION opus_keep_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_kept';
END $$;
-- Two records of one person become one: whose it is may change, what it says may not.
CREATE TRIGGER referrals_correction_is_kept
    BEFORE UPDATE OF gesture, field, before, after, reason, by_id, at
    ON referrals_correction FOR EACH ROW EXECUTE FUNCTION opus_keep_correction();
