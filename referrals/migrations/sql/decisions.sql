-- No account gets a follower's rights without a decision that this very transaction
-- applies (ADR 28), whoever writes: a decision of another day opens nobody else.
CREATE FUNCTION opus_transfer_dates_itself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.applied_in = CASE
        WHEN NEW.state IN ('fait', 'rendu')
            AND (TG_OP = 'INSERT' OR OLD.state <> NEW.state)
        THEN pg_current_xact_id()::text::bigint
        WHEN TG_OP = 'UPDATE' THEN OLD.applied_in
    END;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_caseloadtransfer_dates_itself
    BEFORE INSERT OR UPDATE ON referrals_caseloadtransfer
    FOR EACH ROW EXECUTE FUNCTION opus_transfer_dates_itself();

-- A person whom nobody followed is added freely; she changes hands by a decision, and
-- comes back by the same one.
CREATE FUNCTION opus_follower_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer decision
        WHERE decision.id = NEW.transfer_id AND decision.kind = 'definitif'
          AND decision.applied_in = pg_current_xact_id()::text::bigint
          AND (decision.state = 'fait' AND decision.account_id = OLD.adviser_id
                AND NEW.adviser_id IN (decision.acts_to_id, decision.others_to_id)
            OR decision.state = 'rendu' AND decision.account_id = NEW.adviser_id
                AND decision.id = OLD.transfer_id)
    ) THEN
        RAISE EXCEPTION 'Ce candidat ne change de conseiller que par une décision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'follower_is_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_follower_is_decided
    BEFORE UPDATE OF adviser_id ON referrals_candidate
    FOR EACH ROW WHEN (OLD.adviser_id IS DISTINCT FROM NEW.adviser_id)
    EXECUTE FUNCTION opus_follower_is_decided();

CREATE FUNCTION opus_stand_in_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer decision
        WHERE decision.id = NEW.transfer_id AND decision.kind = 'temps'
          AND decision.state = 'fait'
          AND decision.applied_in = pg_current_xact_id()::text::bigint
          AND decision.account_id = NEW.owner_id
          AND decision.others_to_id = NEW.colleague_id
          AND decision.starts_on <= NEW.starts_on AND decision.ends_on >= NEW.ends_on
    ) THEN
        RAISE EXCEPTION 'Des suivis ne se confient pour un temps que par une décision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_is_decided BEFORE INSERT ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_is_decided();

-- What was requested does not change afterwards: neither why, nor its days.
DROP TRIGGER referrals_caseloadtransfer_frozen ON referrals_caseloadtransfer;
CREATE TRIGGER referrals_caseloadtransfer_frozen
    BEFORE UPDATE ON referrals_caseloadtransfer
    FOR EACH ROW WHEN (
        (OLD.account_id, OLD.asked_by_id, OLD.acts_to_id, OLD.others_to_id, OLD.people,
         OLD.acts, OLD.asked_at, OLD.ready_at, OLD.kind, OLD.at_once, OLD.starts_on,
         OLD.ends_on, OLD.receiver_is_new)
        IS DISTINCT FROM
        (NEW.account_id, NEW.asked_by_id, NEW.acts_to_id, NEW.others_to_id, NEW.people,
         NEW.acts, NEW.asked_at, NEW.ready_at, NEW.kind, NEW.at_once, NEW.starts_on,
         NEW.ends_on, NEW.receiver_is_new)
    )
    EXECUTE FUNCTION opus_refuse('Un transfert demandé ne change plus : il s’annule.');

-- Its persons move after the decision is written: asked when the transaction ends.
CREATE OR REPLACE FUNCTION opus_transfer_leaves_nobody() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidate
        JOIN accounts_user ON accounts_user.id = adviser_id
        WHERE adviser_id = NEW.account_id AND accounts_user.state = 'ferme'
    ) AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.account_id AND kind = 'definitif'
          AND (state = 'attente' OR id = NEW.id AND state = 'rendu')
    ) THEN
        RAISE EXCEPTION 'Ce compte fermé accompagne encore quelqu’un.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER referrals_caseloadtransfer_leaves_nobody ON referrals_caseloadtransfer;
CREATE CONSTRAINT TRIGGER referrals_caseloadtransfer_leaves_nobody
    AFTER UPDATE OF state ON referrals_caseloadtransfer
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'fait' AND NEW.kind = 'definitif')
    EXECUTE FUNCTION opus_transfer_leaves_nobody();

CREATE OR REPLACE FUNCTION opus_closes_with_nobody() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.id AND state = 'attente' AND kind = 'definitif' FOR SHARE
    ) THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;

-- Whoever is given back to an account that closed meanwhile waits there, as after a
-- transfer that was stopped.
CREATE OR REPLACE FUNCTION opus_adviser_is_open() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    its_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.adviser_id = OLD.adviser_id THEN
        RETURN NEW;
    END IF;
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE id = NEW.transfer_id AND state = 'rendu' AND account_id = NEW.adviser_id
          AND applied_in = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
