-- Persons, acts, steps and documents go by the purge alone, and none under legal hold
-- (V11). Two records that become one are the other case: referrals/duplicates/actions.py.
CREATE FUNCTION opus_stays_until_its_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ceci ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER referrals_candidate_stays BEFORE DELETE ON referrals_candidate
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_act_stays BEFORE DELETE ON referrals_act
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_actstep_stays BEFORE DELETE ON referrals_actstep
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_appointmentdetails_stays BEFORE DELETE ON referrals_appointmentdetails
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_cvfile_stays BEFORE DELETE ON referrals_cvfile
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_outcome_stays BEFORE DELETE ON referrals_outcome
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_document_stays BEFORE DELETE ON referrals_document
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_easydocument_stays BEFORE DELETE ON referrals_easydocument
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
CREATE TRIGGER referrals_voiddocument_stays BEFORE DELETE ON referrals_voiddocument
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();

CREATE FUNCTION opus_keep_under_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidatehold
        WHERE candidate_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER referrals_candidate_legal_hold BEFORE DELETE ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_keep_under_legal_hold();
