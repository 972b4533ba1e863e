-- The quarterly confirmation, kept as evidence: what was answered does not change.
CREATE FUNCTION opus_freeze_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une confirmation trimestrielle répondue ne change plus.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_is_evidence';
END $$;
CREATE TRIGGER accounts_teamreview_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreview
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL)
    EXECUTE FUNCTION opus_freeze_review();
CREATE TRIGGER accounts_teamreviewanswer_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreviewanswer
    FOR EACH ROW EXECUTE FUNCTION opus_freeze_review();
