-- A closed account accompanies nobody (art. 4.2), whoever writes.
--
-- Both ways are watched: an account closes with persons, and with them their acts, only
-- while their transfer waits; and a transfer of a closed account is done only once nobody
-- is left behind (caseloads.sql). So a closed account that accompanies somebody has a
-- transfer that waits or was stopped. A candidate is not given to a closed account. The
-- share lock makes the two wait for each other.
CREATE FUNCTION opus_closes_with_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.id AND state = 'attente' FOR SHARE
    ) THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_closes_with_nobody BEFORE UPDATE OF state ON accounts_user
    FOR EACH ROW WHEN (NEW.state = 'ferme' AND OLD.state <> 'ferme')
    EXECUTE FUNCTION opus_closes_with_nobody();

-- Whom it already accompanies may change otherwise: address, telephone.
CREATE FUNCTION opus_adviser_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.adviser_id = OLD.adviser_id THEN
        RETURN NEW;
    END IF;
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_adviser_is_open
    BEFORE INSERT OR UPDATE OF adviser_id ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_adviser_is_open();

-- Whoever changes a person's record, its date follows (V9).
--
-- A hand-over to another adviser says nothing new of the person and does not count.
CREATE FUNCTION opus_date_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at = now();
    RETURN NEW;
END $$;
-- Each column but those that say nothing of the person: a hand-over does not (V9).
CREATE TRIGGER referrals_candidate_dated BEFORE UPDATE ON referrals_candidate
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - ARRAY['id', 'structure_id', 'adviser_id', 'transfer_id',
                              'created_at', 'changed_at', 'version']
        IS DISTINCT FROM
        to_jsonb(NEW) - ARRAY['id', 'structure_id', 'adviser_id', 'transfer_id',
                              'created_at', 'changed_at', 'version']
    )
    EXECUTE FUNCTION opus_date_candidate();

-- A caseload is confided within its structure, and no further (S20).
CREATE FUNCTION opus_stand_in_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both accounts are held first: two that would make a chain come one by one.
    PERFORM FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
            AND structure_id IS DISTINCT FROM NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Le conseiller et son collègue sont de la même structure.'
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'stand_in_is_of_the_structure';
    END IF;
    IF EXISTS (
        SELECT FROM referrals_standin other
            WHERE other.ended_at IS NULL AND other.id <> NEW.id
            AND (other.owner_id = NEW.colleague_id
                OR other.colleague_id = NEW.owner_id)
            AND daterange(other.starts_on, other.ends_on, '[]')
                && daterange(NEW.starts_on, NEW.ends_on, '[]')
    ) THEN
        RAISE EXCEPTION 'Des suivis confiés ne se confient pas plus loin.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_no_chain';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_fits BEFORE INSERT ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_fits();

CREATE FUNCTION opus_stand_in_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
        OR (to_jsonb(NEW) - 'ended_at' - 'ended_by_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'ended_at' - 'ended_by_id')
    THEN
        RAISE EXCEPTION 'Des suivis confiés ne changent plus : ils se reprennent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_only_ends BEFORE UPDATE ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_only_ends();

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
