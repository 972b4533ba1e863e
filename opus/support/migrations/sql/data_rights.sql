-- The numbers of the register of article 10 (V12).
CREATE SEQUENCE support_rights_number;

-- Who recorded a request for somebody else gets no copy: it needs two people.
CREATE FUNCTION opus_two_for_a_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND check_done <> 'connexion'
          AND recorded_by_id IN (NEW.asked_by_id, NEW.taken_by_id)
    ) THEN
        RAISE EXCEPTION 'Vous avez enregistré cette demande pour une autre personne : un collègue vérifie l’identité, prépare la copie et la télécharge. Il faut être deux.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_personfile_by_two
    BEFORE INSERT OR UPDATE OF asked_by_id, taken_by_id ON support_personfile
    FOR EACH ROW EXECUTE FUNCTION opus_two_for_a_copy();

-- Candidates belong to a candidate's request alone.
CREATE FUNCTION opus_concern_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND kind IN ('inscrit', 'non_inscrit')
    ) THEN
        RAISE EXCEPTION 'Cette demande n’est pas celle d’un candidat : aucune fiche ne s’y rattache.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_concernedcandidate_of_its_kind
    BEFORE INSERT OR UPDATE ON support_concernedcandidate
    FOR EACH ROW EXECUTE FUNCTION opus_concern_candidates();
