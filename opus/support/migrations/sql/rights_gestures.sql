-- *Répondue* says that something was done: a gesture for this right, or nothing found
-- (GDPR 12.3). The mapping is ANSWERED_BY (opus/support/data_rights/models.py).
CREATE FUNCTION opus_answered_by(its_right text, its_kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE its_kind
        WHEN 'copie' THEN its_right = 'acces'
        WHEN 'rectification' THEN its_right = 'rectification'
        WHEN 'effacement' THEN its_right = 'effacement'
        WHEN 'limitation' THEN its_right = 'limitation'
        WHEN 'opposition' THEN its_right = 'opposition'
        WHEN 'transmission' THEN its_right <> 'acces'
        WHEN 'rien' THEN true
        ELSE false
    END
$$;

CREATE FUNCTION opus_answer_what_was_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsgesture
        WHERE request_id = NEW.id AND opus_answered_by(NEW."right", kind)
    ) THEN
        RAISE EXCEPTION 'Rien n’a encore été fait pour cette demande : faites d’abord ce qu’elle demande, en tout ou en partie, ou refusez-la avec un motif.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_rightsrequest_done BEFORE UPDATE OF state ON support_rightsrequest
    FOR EACH ROW WHEN (NEW.state = 'repondue' AND OLD.state <> 'repondue')
    EXECUTE FUNCTION opus_answer_what_was_done();

-- A gesture is of its request's right, under way, and after its identity check by two; a
-- restriction is lifted later too.
CREATE FUNCTION opus_gesture_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked support_rightsrequest;
BEGIN
    SELECT * INTO asked FROM support_rightsrequest WHERE id = NEW.request_id FOR SHARE;
    IF NEW.kind = 'levee' THEN
        IF asked.state NOT IN ('en_cours', 'repondue') OR NOT EXISTS (
            SELECT FROM support_rightsgesture
            WHERE request_id = NEW.request_id AND kind = 'limitation'
        ) THEN
            RAISE EXCEPTION 'Aucune limitation de cette demande n’est en place.'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF asked.state <> 'en_cours' OR NOT opus_answered_by(asked."right", NEW.kind) THEN
        RAISE EXCEPTION 'Ce geste n’est pas de cette demande, ou elle n’est pas en cours.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF asked.check_done <> 'connexion' AND asked.recorded_by_id = NEW.by_id THEN
        RAISE EXCEPTION 'Vous avez enregistré cette demande pour une autre personne : un collègue la traite. Il faut être deux.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_rightsgesture_fits BEFORE INSERT ON support_rightsgesture
    FOR EACH ROW EXECUTE FUNCTION opus_gesture_fits();
CREATE TRIGGER support_rightsgesture_frozen BEFORE UPDATE ON support_rightsgesture
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un geste fait ne change plus.');
CREATE TRIGGER support_rightsgesture_stays BEFORE DELETE ON support_rightsgesture
    FOR EACH ROW WHEN (current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_refuse('Un geste fait ne s’efface pas.');

CREATE TRIGGER support_reply_frozen BEFORE UPDATE ON support_reply
    FOR EACH ROW WHEN (
        (OLD.request_id, OLD.kind, OLD.html, OLD.html_sha256, OLD.made_by_id)
        IS DISTINCT FROM
        (NEW.request_id, NEW.kind, NEW.html, NEW.html_sha256, NEW.made_by_id)
    )
    EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');

-- Offers belong to an employer's request alone.
CREATE FUNCTION opus_concern_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND kind = 'employeur'
    ) THEN
        RAISE EXCEPTION 'Cette demande n’est pas celle d’un employeur : aucune offre ne s’y rattache.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_concernedoffer_of_its_kind
    BEFORE INSERT OR UPDATE ON support_concernedoffer
    FOR EACH ROW EXECUTE FUNCTION opus_concern_offers();

-- A request that was refused gives no copy any more.
CREATE FUNCTION opus_no_copy_once_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND state = 'refusee'
    ) THEN
        RAISE EXCEPTION 'Cette demande est refusée : sa copie ne se télécharge plus.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_personfile_not_refused
    BEFORE UPDATE OF taken_at ON support_personfile
    FOR EACH ROW WHEN (NEW.taken_at IS NOT NULL)
    EXECUTE FUNCTION opus_no_copy_once_refused();
