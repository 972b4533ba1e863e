-- A structure stands in a commune of the official list, whoever writes. One that held an
-- unknown code before keeps it until somebody mends it.
CREATE FUNCTION opus_known_commune() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.commune_code = OLD.commune_code THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM offers_commune WHERE code = NEW.commune_code) THEN
        RAISE EXCEPTION 'Ce code INSEE n’est celui d’aucune commune : choisissez la commune dans la liste officielle.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commune_is_known';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_structure_commune
    BEFORE INSERT OR UPDATE OF commune_code ON accounts_structure
    FOR EACH ROW EXECUTE FUNCTION opus_known_commune();
