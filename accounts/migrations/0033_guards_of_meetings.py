"""What a review meeting keeps, whoever writes (art. 11).

No meeting, no version of its minutes, no remark and no decision is erased or written
over. Minutes and decisions are added while the meeting is held and not agreed on.
"""

from django.db import migrations

from opus.lib.states import guard_moves

MEETINGS = """
CREATE TRIGGER accounts_reviewmeeting_stays BEFORE DELETE ON accounts_reviewmeeting
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une réunion de suivi ne s’efface pas : annulez-la.');
CREATE TRIGGER accounts_reviewmeeting_frozen BEFORE UPDATE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (
        OLD.convention_id <> NEW.convention_id
        OR (OLD.state <> 'planifiee' AND
            (OLD.held_on, OLD.attended, OLD.planned_on, OLD.place)
            IS DISTINCT FROM
            (NEW.held_on, NEW.attended, NEW.planned_on, NEW.place))
    )
    EXECUTE FUNCTION opus_refuse(
        'Le jour et les présents d’une réunion tenue ne changent plus : écrivez-le dans son compte rendu.');
"""

UNDO_MEETINGS = """
DROP TRIGGER accounts_reviewmeeting_frozen ON accounts_reviewmeeting;
DROP TRIGGER accounts_reviewmeeting_stays ON accounts_reviewmeeting;
"""

WRITINGS = """
-- The meeting's row is held: nobody agrees on it meanwhile.
CREATE FUNCTION opus_meeting_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
BEGIN
    SELECT state INTO stands FROM accounts_reviewmeeting
        WHERE id = NEW.meeting_id FOR NO KEY UPDATE;
    IF stands IS DISTINCT FROM 'tenue' THEN
        RAISE EXCEPTION 'Le compte rendu et les décisions s’écrivent une fois la réunion tenue, et tant qu’ils ne sont pas validés.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_minutes_open BEFORE INSERT ON accounts_minutes
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_minutes_kept BEFORE UPDATE OR DELETE ON accounts_minutes
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une version d’un compte rendu ne change pas : écrivez-en une autre.');
CREATE TRIGGER accounts_remark_open BEFORE INSERT ON accounts_remark
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_remark_kept BEFORE UPDATE OR DELETE ON accounts_remark
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une remarque ne change pas.');
CREATE TRIGGER accounts_decision_open BEFORE INSERT ON accounts_decision
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_decision_stays BEFORE DELETE ON accounts_decision
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une décision ne s’efface pas : dites-la sans objet.');
CREATE TRIGGER accounts_decision_frozen BEFORE UPDATE ON accounts_decision
    FOR EACH ROW WHEN (
        (OLD.meeting_id, OLD.number, OLD.text, OLD.carrier, OLD.due_on)
        IS DISTINCT FROM
        (NEW.meeting_id, NEW.number, NEW.text, NEW.carrier, NEW.due_on)
        OR OLD.closed_on IS NOT NULL
    )
    EXECUTE FUNCTION opus_refuse(
        'Une décision ne change pas, et ne se clôt qu’une fois : dites-la sans objet et ajoutez-en une autre.');
"""

UNDO_WRITINGS = """
DROP TRIGGER accounts_decision_frozen ON accounts_decision;
DROP TRIGGER accounts_decision_stays ON accounts_decision;
DROP TRIGGER accounts_decision_open ON accounts_decision;
DROP TRIGGER accounts_remark_kept ON accounts_remark;
DROP TRIGGER accounts_remark_open ON accounts_remark;
DROP TRIGGER accounts_minutes_kept ON accounts_minutes;
DROP TRIGGER accounts_minutes_open ON accounts_minutes;
DROP FUNCTION opus_meeting_is_open();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0032_meetings_and_suggestions")]

    operations = [
        migrations.RunSQL(MEETINGS, UNDO_MEETINGS),
        migrations.RunSQL(WRITINGS, UNDO_WRITINGS),
        guard_moves(
            "accounts_reviewmeeting",
            {
                "planifiee": ["annulee", "tenue"],
                "tenue": ["validee"],
                "validee": ["tenue"],
            },
        ),
    ]
