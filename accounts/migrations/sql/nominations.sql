-- An RGC in office keeps an open account; whom the director agreed on stays (4.1, 4.3).
-- A day that was announced and has come ends the office, whether or not the job has run.
CREATE FUNCTION opus_keep_rgc_in_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_nomination
        WHERE person_id = NEW.id AND state = 'en_fonction'
          AND coalesce(end_announced_on, 'infinity')
              > (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Cette personne est RGC en fonction : enregistrez d’abord la fin de sa nomination (art. 4.3), puis fermez son compte. Pour couper son accès tout de suite, suspendez-le.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_office BEFORE UPDATE OF state ON accounts_user
    FOR EACH ROW WHEN (NEW.state = 'ferme' AND OLD.state <> 'ferme')
    EXECUTE FUNCTION opus_keep_rgc_in_office();

CREATE FUNCTION opus_enter_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The account is locked: a suspension at the same instant waits, or is seen.
    PERFORM FROM accounts_user
        WHERE id = NEW.person_id AND state NOT IN ('cree', 'actif') FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'Le compte de cette personne est suspendu ou fermé : un compte suspendu ne prend pas de fonction. Réactivez-le d’abord.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_nomination_enters BEFORE UPDATE OF state ON accounts_nomination
    FOR EACH ROW WHEN (NEW.state = 'en_fonction' AND OLD.state <> 'en_fonction')
    EXECUTE FUNCTION opus_enter_office();

-- The address is forgotten once the account is provided: it may go, not change.
CREATE TRIGGER accounts_nomination_agreed
    BEFORE UPDATE OF first_name, last_name, email ON accounts_nomination
    FOR EACH ROW WHEN (
        OLD.state <> 'propose' AND (
            NEW.first_name <> OLD.first_name OR NEW.last_name <> OLD.last_name
            OR (NEW.email <> OLD.email AND NEW.email <> '')
        )
    )
    EXECUTE FUNCTION opus_refuse('La personne sur laquelle le directeur s’est prononcé ne change plus : enregistrez l’abandon, puis une nouvelle proposition.');
