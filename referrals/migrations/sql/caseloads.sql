-- What was requested does not change afterwards, and stays: neither an earlier day nor
-- another receiver.
CREATE TRIGGER referrals_caseloadtransfer_frozen
    BEFORE UPDATE ON referrals_caseloadtransfer
    FOR EACH ROW WHEN (
        (OLD.account_id, OLD.asked_by_id, OLD.acts_to_id, OLD.others_to_id, OLD.people,
         OLD.acts, OLD.asked_at, OLD.ready_at)
        IS DISTINCT FROM
        (NEW.account_id, NEW.asked_by_id, NEW.acts_to_id, NEW.others_to_id, NEW.people,
         NEW.acts, NEW.asked_at, NEW.ready_at)
    )
    EXECUTE FUNCTION opus_refuse('Un transfert demandé ne change plus : il s’annule.');
CREATE TRIGGER referrals_caseloadtransfer_stays
    BEFORE DELETE ON referrals_caseloadtransfer
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un transfert ne s’efface pas.');

CREATE FUNCTION opus_transfer_leaves_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidate
        JOIN accounts_user ON accounts_user.id = adviser_id
        WHERE adviser_id = NEW.account_id AND accounts_user.state = 'ferme'
    ) THEN
        RAISE EXCEPTION 'Ce compte fermé accompagne encore quelqu’un.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_caseloadtransfer_leaves_nobody
    BEFORE UPDATE OF state ON referrals_caseloadtransfer
    FOR EACH ROW WHEN (NEW.state = 'fait')
    EXECUTE FUNCTION opus_transfer_leaves_nobody();
