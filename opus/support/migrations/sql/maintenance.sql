-- The minutes of planned works do not count as breakdowns: once announced they may be
-- cancelled before they begin or made shorter, never moved, made longer or removed.
CREATE FUNCTION opus_guard_planned_works() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.starts_at = OLD.starts_at
        AND NEW.announced_at = OLD.announced_at
        AND NEW.ends_at <= OLD.ends_at
        AND (NEW.cancelled_at IS NOT DISTINCT FROM OLD.cancelled_at
             OR (OLD.cancelled_at IS NULL AND NEW.cancelled_at < OLD.starts_at))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une opération annoncée ne se déplace pas et ne s’allonge pas : annulez-la avant son début, ou terminez-la plus tôt.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_plannedwork_guarded BEFORE UPDATE OR DELETE ON support_plannedwork
    FOR EACH ROW EXECUTE FUNCTION opus_guard_planned_works();
