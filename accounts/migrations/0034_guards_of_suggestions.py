"""A proposal stays as it was deposited, and so do France Travail's answers (art. 11)."""

from django.db import migrations

from opus.lib.states import guard_moves

KEPT = """
CREATE TRIGGER accounts_suggestion_stays BEFORE DELETE ON accounts_suggestion
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une proposition d’évolution ne s’efface pas : retirez-la.');
CREATE TRIGGER accounts_suggestion_frozen BEFORE UPDATE ON accounts_suggestion
    FOR EACH ROW WHEN (
        (OLD.structure_id, OLD.author_id, OLD.area, OLD.title, OLD.text, OLD.deposited_at)
        IS DISTINCT FROM
        (NEW.structure_id, NEW.author_id, NEW.area, NEW.title, NEW.text, NEW.deposited_at)
    )
    EXECUTE FUNCTION opus_refuse('Une proposition déposée ne change plus.');
CREATE TRIGGER accounts_answer_kept BEFORE UPDATE OR DELETE ON accounts_answer
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une réponse donnée ne change plus.');
"""

UNDO_KEPT = """
DROP TRIGGER accounts_answer_kept ON accounts_answer;
DROP TRIGGER accounts_suggestion_frozen ON accounts_suggestion;
DROP TRIGGER accounts_suggestion_stays ON accounts_suggestion;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0033_guards_of_meetings")]

    operations = [
        migrations.RunSQL(KEPT, UNDO_KEPT),
        guard_moves(
            "accounts_suggestion",
            {
                "deposee": ["ecartee", "etude", "retiree"],
                "etude": ["ecartee", "retenue"],
                "retenue": ["ecartee", "realisee"],
            },
        ),
    ]
