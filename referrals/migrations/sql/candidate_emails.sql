-- A consent says what was said and when: only its withdrawal is added, once.
CREATE TRIGGER referrals_mailconsent_frozen BEFORE UPDATE ON referrals_mailconsent
    FOR EACH ROW WHEN (
        (OLD.given_on, OLD.way, OLD.recorded_by_id, OLD.recorded_at)
        IS DISTINCT FROM
        (NEW.given_on, NEW.way, NEW.recorded_by_id, NEW.recorded_at)
        OR (OLD.withdrawn_at IS NOT NULL AND
            (OLD.withdrawn_at, OLD.withdrawn_by_id)
            IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by_id))
    )
    EXECUTE FUNCTION opus_refuse('Un accord enregistré ne change plus : il se retire.');
