-- Article 7: a partner's path cannot write an offer. ``offers.files.importer`` says who it is
-- with SET LOCAL opus.sync = 'on', which ends with its transaction.
CREATE FUNCTION opus_offers_are_a_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('opus.sync', true), '') <> 'on' THEN
        RAISE EXCEPTION 'Une offre ne se modifie pas depuis Opus (convention, art. 7).'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offer_mirror BEFORE INSERT OR UPDATE OR DELETE ON offers_offer
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
CREATE TRIGGER offers_offersearch_mirror
    BEFORE INSERT OR UPDATE OR DELETE ON offers_offersearch
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
