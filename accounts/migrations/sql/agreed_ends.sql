-- While a notice runs, its end is settled: no amendment moves it (art. 12).
CREATE FUNCTION opus_settle_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_convention
        WHERE id = NEW.convention_id AND state = 'preavis'
    ) THEN
        RAISE EXCEPTION 'Un préavis court : la fin de la convention ne change plus par un avenant.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_amendment_under_notice
    BEFORE INSERT OR UPDATE OF state ON accounts_amendment
    FOR EACH ROW WHEN (NEW.ends_on IS NOT NULL AND NEW.state <> 'abandonne')
    EXECUTE FUNCTION opus_settle_notice();

-- Who signed an agreed end is part of what another person confirms.
CREATE OR REPLACE TRIGGER accounts_ending_frozen BEFORE UPDATE ON accounts_ending
    FOR EACH ROW WHEN (
        OLD.state <> 'propose'
        OR (OLD.convention_id, OLD.origin, OLD.motive, OLD.breach_id, OLD.told_on,
            OLD.ends_on, OLD.at_once, OLD.proposed_by_id, OLD.proposed_at,
            OLD.structure_signatory, OLD.signed_by_structure_on, OLD.ft_signatory,
            OLD.signed_by_ft_on)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.origin, NEW.motive, NEW.breach_id, NEW.told_on,
            NEW.ends_on, NEW.at_once, NEW.proposed_by_id, NEW.proposed_at,
            NEW.structure_signatory, NEW.signed_by_structure_on, NEW.ft_signatory,
            NEW.signed_by_ft_on)
    )
    EXECUTE FUNCTION opus_refuse(
        'Une fin anticipée enregistrée ne change plus : abandonnez-la d’abord.');
