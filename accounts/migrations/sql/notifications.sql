-- An RGC takes office once the structure is notified (4.1, 4.3). Of a first one, the day
-- is the row's own, and a constraint asks for it; of a change, the registered letter is
-- posted, or the office goes on from the convention before (art. 13).
CREATE FUNCTION opus_notify_rgc_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_letter
        WHERE nomination_id = NEW.id AND kind = 'rgc_changement'
          AND state <> 'annule' AND posted_on <= NEW.office_on
    ) OR EXISTS (
        SELECT FROM accounts_nomination AS previous
        WHERE previous.id = NEW.previous_id
          AND previous.convention_id <> NEW.convention_id
          AND previous.person_id = NEW.person_id
          AND previous.office_on = NEW.office_on
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le changement de RGC n’est pas notifié à la structure (art. 4.3) : notez d’abord le numéro et le jour d’envoi de la lettre recommandée.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_nomination_told BEFORE UPDATE OF state ON accounts_nomination
    FOR EACH ROW WHEN (
        NEW.state = 'en_fonction' AND OLD.state <> 'en_fonction'
        AND NEW.validated_on IS NOT NULL
    )
    EXECUTE FUNCTION opus_notify_rgc_change();
CREATE TRIGGER accounts_nomination_told_at_once BEFORE INSERT ON accounts_nomination
    FOR EACH ROW WHEN (NEW.state = 'en_fonction' AND NEW.validated_on IS NOT NULL)
    EXECUTE FUNCTION opus_notify_rgc_change();

-- Neither to come, nor changed once the office rests on it.
CREATE TRIGGER accounts_nomination_told_already
    BEFORE INSERT OR UPDATE OF notified_on ON accounts_nomination
    FOR EACH ROW WHEN (NEW.notified_on > (now() AT TIME ZONE 'Europe/Paris')::date)
    EXECUTE FUNCTION opus_refuse('Le jour de la notification est à venir.');
CREATE TRIGGER accounts_nomination_told_stays
    BEFORE UPDATE OF notified_on ON accounts_nomination
    FOR EACH ROW WHEN (
        OLD.office_on IS NOT NULL AND NEW.notified_on IS DISTINCT FROM OLD.notified_on
    )
    EXECUTE FUNCTION opus_refuse('Le RGC est en fonction depuis cette notification : son jour ne change plus.');
