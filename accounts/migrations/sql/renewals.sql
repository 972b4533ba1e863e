-- A convention renews one of its own structure, and what it renews is settled by its
-- signature, whoever writes (art. 13).
CREATE FUNCTION opus_renews_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_convention
        WHERE id = NEW.renews_id AND id <> NEW.id AND structure_id = NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Une convention renouvelle une autre convention de la même structure (art. 13).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_renews_its_own
    BEFORE INSERT OR UPDATE OF renews_id, structure_id ON accounts_convention
    FOR EACH ROW WHEN (NEW.renews_id IS NOT NULL)
    EXECUTE FUNCTION opus_renews_its_own();
CREATE TRIGGER accounts_convention_renews
    BEFORE UPDATE OF renews_id, keeps_rgc ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state <> 'projet'
        AND (OLD.renews_id, OLD.keeps_rgc)
            IS DISTINCT FROM (NEW.renews_id, NEW.keeps_rgc)
    )
    EXECUTE FUNCTION opus_refuse('Ce que renouvelle une convention signée ne change plus (art. 13).');
