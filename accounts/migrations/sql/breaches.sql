-- Two people open a breach, and its month is left to the structure, whoever writes
-- (art. 12, S28).

CREATE FUNCTION opus_breach_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'propose' THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.signed_at IS NULL OR NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.signed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un dossier de manquement est signé par un second administrateur de France Travail.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- By its name, it comes after the table of moves.
CREATE TRIGGER accounts_breach_signed BEFORE INSERT OR UPDATE OF state ON accounts_breach
    FOR EACH ROW WHEN (NEW.state::text NOT IN ('propose', 'leve'))
    EXECUTE FUNCTION opus_breach_is_signed();

-- The structure's month runs from the letter's presentation, to its last day.
CREATE FUNCTION opus_breach_leaves_its_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.presented_on IS NULL
       OR NEW.upheld_on <= (NEW.presented_on + interval '1 month')::date THEN
        RAISE EXCEPTION 'La décision suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_breach_upheld
    BEFORE INSERT OR UPDATE OF state, upheld_on ON accounts_breach
    FOR EACH ROW WHEN (NEW.state = 'maintenu')
    EXECUTE FUNCTION opus_breach_leaves_its_month();

-- A presentation that is recorded after the decision counts too.
CREATE FUNCTION opus_ending_leaves_the_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_breach
        WHERE id = NEW.breach_id AND state = 'maintenu'
          AND NEW.told_on >= upheld_on
          AND upheld_on > (presented_on + interval '1 month')::date
    ) THEN
        RAISE EXCEPTION 'La résiliation suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_ending_upheld BEFORE INSERT OR UPDATE OF state ON accounts_ending
    FOR EACH ROW WHEN (NEW.state = 'confirme' AND NEW.breach_id IS NOT NULL)
    EXECUTE FUNCTION opus_ending_leaves_the_month();
