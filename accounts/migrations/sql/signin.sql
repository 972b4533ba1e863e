-- No reset of factors by one person within 7 days of a change of address (ADR 8).
-- An address changed after the request delays the reset too: its end is looked at.
CREATE FUNCTION opus_reset_waits_for_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_addresschange
        WHERE account_id = NEW.account_id
        AND at > coalesce(NEW.done_at, NEW.asked_at) - interval '7 days'
    ) THEN
        RAISE EXCEPTION 'L’adresse de ce compte vient de changer : deux personnes '
            'doivent vouloir cette remise à zéro.'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'factor_reset_waits_for_address';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_factorreset_waits_for_address
    BEFORE INSERT OR UPDATE OF state, four_eyes ON accounts_factorreset
    FOR EACH ROW WHEN (NOT NEW.four_eyes AND NEW.state::text IN ('demandee', 'faite'))
    EXECUTE FUNCTION opus_reset_waits_for_address();
