-- « Opus ne garde aucune donnée sur vous » is false while somebody is attached, or while a
-- person with that number exists (GDPR 12.1). The lock waits for the records that are
-- being written: their trigger shares it (referrals, number_arrives.sql).
CREATE FUNCTION opus_hold_nothing_true(asked support_rightsrequest) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('opus_nothing_kept'));
    IF asked.kind = 'inscrit' AND asked.ft_id = '' THEN
        RAISE EXCEPTION 'Un demandeur d’emploi inscrit a un identifiant France Travail : demandez-le, écrivez-le par « Corriger ou transmettre », puis cherchez de nouveau.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF asked.account_id IS NOT NULL
        OR EXISTS (SELECT FROM support_concernedcandidate WHERE request_id = asked.id)
        OR EXISTS (SELECT FROM support_concernedoffer WHERE request_id = asked.id)
        OR asked.ft_id <> ''
        AND EXISTS (SELECT FROM referrals_candidate WHERE ft_id = asked.ft_id)
    THEN
        RAISE EXCEPTION 'Opus garde des données sur cette personne : « rien » serait faux. Rattachez-la par « Trouver la personne dans Opus » ; si elle est d’une autre catégorie ou d’une autre agence, corrigez d’abord la demande par « Corriger ou transmettre ».'
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE FUNCTION opus_nothing_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked support_rightsrequest;
BEGIN
    SELECT * INTO asked FROM support_rightsrequest WHERE id = NEW.request_id FOR SHARE;
    PERFORM opus_hold_nothing_true(asked);
    RETURN NEW;
END $$;
CREATE TRIGGER support_rightsgesture_nothing BEFORE INSERT ON support_rightsgesture
    FOR EACH ROW WHEN (NEW.kind = 'rien') EXECUTE FUNCTION opus_nothing_is_true();

-- What was nothing on one day is looked at again on the day of the answer.
CREATE OR REPLACE FUNCTION opus_answer_what_was_done() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsgesture
        WHERE request_id = NEW.id AND kind <> 'rien'
          AND opus_answered_by(NEW."right", kind)
    ) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM support_rightsgesture WHERE request_id = NEW.id AND kind = 'rien'
    ) THEN
        RAISE EXCEPTION 'Rien n’a encore été fait pour cette demande : faites d’abord ce qu’elle demande, en tout ou en partie, ou refusez-la avec un motif.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM opus_hold_nothing_true(NEW);
    RETURN NEW;
END $$;
