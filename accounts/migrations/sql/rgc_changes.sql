-- A change of RGC is validated by the regional director (4.3): nobody takes a post that
-- somebody held before without that decision, and it is not taken back.
CREATE FUNCTION opus_validate_rgc_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_nomination
        WHERE convention_id = NEW.convention_id AND id <> NEW.id
          AND office_on IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'Cette personne succède à un autre RGC : le directeur régional valide d’abord ce changement (art. 4.3).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_nomination_succeeds BEFORE UPDATE OF state ON accounts_nomination
    FOR EACH ROW WHEN (
        NEW.state = 'en_fonction' AND OLD.state <> 'en_fonction'
        AND NEW.validated_on IS NULL
    )
    EXECUTE FUNCTION opus_validate_rgc_change();
CREATE TRIGGER accounts_nomination_succeeds_at_once BEFORE INSERT ON accounts_nomination
    FOR EACH ROW WHEN (NEW.state = 'en_fonction' AND NEW.validated_on IS NULL)
    EXECUTE FUNCTION opus_validate_rgc_change();

CREATE TRIGGER accounts_nomination_validated
    BEFORE UPDATE OF validated_on ON accounts_nomination
    FOR EACH ROW WHEN (
        OLD.validated_on IS NOT NULL AND NEW.validated_on IS DISTINCT FROM OLD.validated_on
    )
    EXECUTE FUNCTION opus_refuse('La validation du directeur régional est enregistrée : elle ne change plus.');
