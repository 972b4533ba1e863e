-- The instant of which the posts left tell: a content without them leaves both alone.
-- With a content it is that content's own, else that of the event that brought them.
CREATE FUNCTION opus_posts_left_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.posts_left IS NULL THEN
        NEW.posts_left_at := NULL;
    ELSIF TG_OP = 'INSERT' OR NEW.updated_at > OLD.updated_at THEN
        NEW.posts_left_at := NEW.updated_at;
    ELSE
        NEW.posts_left_at := now();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER opus_posts_left_come BEFORE INSERT ON offers_offer
    FOR EACH ROW WHEN (NEW.posts_left IS NOT NULL)
    EXECUTE FUNCTION opus_posts_left_at();
CREATE TRIGGER opus_posts_left_change BEFORE UPDATE ON offers_offer
    FOR EACH ROW WHEN (
        (OLD.posts_left, OLD.mode_sequence, OLD.mode_at)
        IS DISTINCT FROM (NEW.posts_left, NEW.mode_sequence, NEW.mode_at)
    )
    EXECUTE FUNCTION opus_posts_left_at();
