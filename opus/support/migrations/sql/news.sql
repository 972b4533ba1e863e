-- What people have read stays as they read it: it is withdrawn, and another published.
CREATE FUNCTION opus_keep_announcements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une actualité publiée ne change plus : retirez-la et publiez-en une autre.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_announcement_kept BEFORE UPDATE ON support_announcement
    FOR EACH ROW WHEN (
        OLD.state <> 'brouillon'
        AND (OLD.kind, OLD.title, OLD.text, OLD.note, OLD.guide, OLD.audience,
             OLD.region, OLD.goes_live_on, OLD.published_on)
            IS DISTINCT FROM
            (NEW.kind, NEW.title, NEW.text, NEW.note, NEW.guide, NEW.audience,
             NEW.region, NEW.goes_live_on, NEW.published_on)
    )
    EXECUTE FUNCTION opus_keep_announcements();
