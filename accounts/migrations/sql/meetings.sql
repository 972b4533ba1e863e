-- A meeting that took place is not erased; what the RGC replied to is not written over
-- (art. 11).
CREATE TRIGGER accounts_reviewmeeting_stays BEFORE DELETE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (OLD.attended <> '{}') EXECUTE FUNCTION opus_refuse(
        'Une réunion de suivi ne s’efface pas.');
CREATE TRIGGER accounts_reviewmeeting_frozen BEFORE UPDATE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (
        (OLD.attended <> '{}' AND OLD.convention_id <> NEW.convention_id)
        OR (OLD.reply <> '' AND
            (OLD.held_on, OLD.attended, OLD.minutes, OLD.minutes_file, OLD.decisions,
             OLD.reply, OLD.remark, OLD.replied_by_id, OLD.replied_at)
            IS DISTINCT FROM
            (NEW.held_on, NEW.attended, NEW.minutes, NEW.minutes_file, NEW.decisions,
             NEW.reply, NEW.remark, NEW.replied_by_id, NEW.replied_at))
    )
    EXECUTE FUNCTION opus_refuse(
        'Le RGC a répondu : la réunion ne change plus, sauf les suites de ses décisions.');
