-- A letter once prepared is evidence: its text does not change, its row stays.
CREATE TRIGGER accounts_letter_stays BEFORE DELETE ON accounts_letter
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une lettre ne s’efface pas : annulez-la.');
CREATE TRIGGER accounts_letter_frozen BEFORE UPDATE ON accounts_letter
    FOR EACH ROW WHEN (
        (OLD.kind, OLD.convention_id, OLD.nomination_id, OLD.rank, OLD.addressee,
         OLD.html, OLD.html_sha256, OLD.created_at, OLD.made_by_id)
        IS DISTINCT FROM
        (NEW.kind, NEW.convention_id, NEW.nomination_id, NEW.rank, NEW.addressee,
         NEW.html, NEW.html_sha256, NEW.created_at, NEW.made_by_id)
        OR (OLD.content IS NOT NULL AND OLD.content IS DISTINCT FROM NEW.content)
        OR (OLD.state = 'annule' AND NEW.state <> 'annule')
    )
    EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');
