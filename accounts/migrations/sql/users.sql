-- The quota, kept by PostgreSQL whoever writes (R9).
-- The lock first, the quota after it: an amendment that we waited for counts.
CREATE FUNCTION opus_enforce_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    convention bigint;
    begins date;
    allowed integer;
    counted integer;
BEGIN
    SELECT id, starts_on INTO convention, begins FROM accounts_convention
        WHERE structure_id = NEW.structure_id AND state IN ('signee', 'preavis')
        ORDER BY today BETWEEN starts_on AND ends_on DESC, starts_on DESC
        LIMIT 1 FOR NO KEY UPDATE;
    allowed := coalesce(opus_quota_on(convention, greatest(today, begins)), 0);
    SELECT count(*) INTO counted FROM accounts_user
        WHERE structure_id = NEW.structure_id AND role = 'conseiller'
          AND state IN ('cree', 'actif') AND id <> NEW.id;
    IF counted >= allowed THEN
        RAISE EXCEPTION 'Quota atteint : % comptes actifs sur %.', counted, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_within_quota';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_quota_insert BEFORE INSERT ON accounts_user
    FOR EACH ROW
    WHEN (NEW.role = 'conseiller' AND NEW.state::text IN ('cree', 'actif'))
    EXECUTE FUNCTION opus_enforce_quota();
CREATE TRIGGER accounts_user_quota_update
    BEFORE UPDATE OF state, role, structure_id ON accounts_user
    FOR EACH ROW
    WHEN (
        NEW.role = 'conseiller' AND NEW.state::text IN ('cree', 'actif')
        AND (
            OLD.role <> 'conseiller' OR OLD.state::text NOT IN ('cree', 'actif')
            OR OLD.structure_id IS DISTINCT FROM NEW.structure_id
        )
    )
    EXECUTE FUNCTION opus_enforce_quota();

-- An identifier belongs to one person for ever (art. 5.1, S12).
--
-- No row of an account is deleted, and no identifier is changed, whoever writes: a closed
-- account keeps its own, which the unique index then refuses to anybody else.
CREATE FUNCTION opus_keep_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Un identifiant reste à la même personne : un compte se ferme, il ne se supprime pas (convention, art. 5.1).'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identifier_for_ever';
END $$;
CREATE TRIGGER accounts_user_no_delete BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION opus_keep_identifier();
CREATE TRIGGER accounts_user_same_identifier
    BEFORE UPDATE OF identifier ON accounts_user
    FOR EACH ROW WHEN (OLD.identifier IS DISTINCT FROM NEW.identifier)
    EXECUTE FUNCTION opus_keep_identifier();

-- A name goes at term, by the purge; an account under legal hold keeps its own, whoever
-- writes (V9, V11).
CREATE FUNCTION opus_erase_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('opus.purging', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'Un nom ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_accounthold
        WHERE account_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_erased BEFORE UPDATE OF erased_at ON accounts_user
    FOR EACH ROW WHEN (OLD.erased_at IS DISTINCT FROM NEW.erased_at)
    EXECUTE FUNCTION opus_erase_account();

-- What an account said is never changed; it goes when the name goes (V14).
CREATE FUNCTION opus_keep_account_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_correction_is_kept';
END $$;
CREATE TRIGGER accounts_accountcorrection_is_kept
    BEFORE UPDATE ON accounts_accountcorrection
    FOR EACH ROW EXECUTE FUNCTION opus_keep_account_correction();
