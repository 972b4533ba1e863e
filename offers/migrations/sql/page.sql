-- Withdrawn is gone from what people opened of late, in that transaction (R1, U6).
CREATE FUNCTION opus_forget_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM offers_seenoffer s USING gone g WHERE s.offer_id = g.offer_id;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offersearch_forget AFTER DELETE ON offers_offersearch
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION opus_forget_seen();
