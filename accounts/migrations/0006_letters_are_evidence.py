"""A letter once prepared is evidence: its text does not change, its row stays."""

from django.db import migrations

EVIDENCE = """
-- Refuses, with the sentence that the trigger brings.
CREATE FUNCTION opus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_letter_stays BEFORE DELETE ON accounts_letter
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une lettre ne s’efface pas : annulez-la.');
CREATE TRIGGER accounts_letter_frozen BEFORE UPDATE ON accounts_letter
    FOR EACH ROW WHEN (
        (OLD.kind, OLD.convention_id, OLD.nomination_id, OLD.rank, OLD.addressee,
         OLD.html, OLD.html_sha256, OLD.created_at, OLD.made_by_id)
        IS DISTINCT FROM
        (NEW.kind, NEW.convention_id, NEW.nomination_id, NEW.rank, NEW.addressee,
         NEW.html, NEW.html_sha256, NEW.created_at, NEW.made_by_id)
        OR (OLD.pdf IS NOT NULL AND OLD.pdf IS DISTINCT FROM NEW.pdf)
        OR (OLD.state = 'annule' AND NEW.state <> 'annule')
    )
    EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');
"""

UNDO_EVIDENCE = """
DROP TRIGGER accounts_letter_frozen ON accounts_letter;
DROP TRIGGER accounts_letter_stays ON accounts_letter;
DROP FUNCTION opus_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_letters")]

    operations = [migrations.RunSQL(EVIDENCE, UNDO_EVIDENCE)]
