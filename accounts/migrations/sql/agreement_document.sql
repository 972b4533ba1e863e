-- A published text does not change; nor does what was signed on it, whoever writes.

CREATE TRIGGER accounts_modeltext_frozen BEFORE UPDATE ON accounts_modeltext
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL)
    EXECUTE FUNCTION opus_refuse('Une version publiée du texte modèle ne change plus : écrivez-en une autre.');
CREATE TRIGGER accounts_modeltext_stays BEFORE DELETE ON accounts_modeltext
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL)
    EXECUTE FUNCTION opus_refuse('Une version publiée du texte modèle ne s’efface pas.');

CREATE TRIGGER accounts_agreementdocument_frozen BEFORE UPDATE ON accounts_agreementdocument
    FOR EACH ROW WHEN (
        (OLD.convention_id, OLD.model_text_id, OLD.is_final, OLD.html,
         OLD.html_sha256, OLD.created_at)
        IS DISTINCT FROM
        (NEW.convention_id, NEW.model_text_id, NEW.is_final, NEW.html,
         NEW.html_sha256, NEW.created_at)
        OR (OLD.content IS NOT NULL AND OLD.content IS DISTINCT FROM NEW.content)
    )
    EXECUTE FUNCTION opus_refuse('Le document d’une convention ne change plus.');
CREATE TRIGGER accounts_agreementdocument_stays BEFORE DELETE ON accounts_agreementdocument
    FOR EACH ROW WHEN (OLD.is_final)
    EXECUTE FUNCTION opus_refuse('Le document d’une convention signée ne s’efface pas.');

-- A signed convention names who follows it (annexe 2).
CREATE FUNCTION opus_follow_up_is_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Indiquez d’abord le responsable du suivi et son adresse électronique (annexe 2).'
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER accounts_convention_followed BEFORE UPDATE OF state ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state = 'projet' AND NEW.state::text NOT IN ('projet', 'abandonnee')
        AND (NEW.signed_partner_contact = '' OR NEW.signed_partner_contact_email = '')
    )
    EXECUTE FUNCTION opus_follow_up_is_named();
CREATE TRIGGER accounts_convention_followed_first BEFORE INSERT ON accounts_convention
    FOR EACH ROW WHEN (
        NEW.state::text NOT IN ('projet', 'abandonnee')
        AND (NEW.signed_partner_contact = '' OR NEW.signed_partner_contact_email = '')
    )
    EXECUTE FUNCTION opus_follow_up_is_named();

-- A convention names a published version alone: another could still change.
CREATE FUNCTION opus_text_is_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM accounts_modeltext
        WHERE id = NEW.model_text_id AND published_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Cette version du texte modèle n’est pas publiée : choisissez-en une autre.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_text
    BEFORE INSERT OR UPDATE OF model_text_id ON accounts_convention
    FOR EACH ROW WHEN (NEW.model_text_id IS NOT NULL)
    EXECUTE FUNCTION opus_text_is_published();

-- What its document says of the signature is frozen with its terms.
CREATE TRIGGER accounts_convention_signatures BEFORE UPDATE ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state <> 'projet'
        AND (OLD.model_text_id, OLD.partner_signatory, OLD.deliberation,
             OLD.deliberated_on, OLD.ft_signatory, OLD.signing_place)
        IS DISTINCT FROM
            (NEW.model_text_id, NEW.partner_signatory, NEW.deliberation,
             NEW.deliberated_on, NEW.ft_signatory, NEW.signing_place)
    )
    EXECUTE FUNCTION opus_refuse('Une convention signée ne change que par un avenant (art. 5.2).');
