"""Numbers never come twice, moves follow their table, what was said stays (R11)."""

from django.db import migrations

from opus.lib.states import guard_moves

NUMBERS = "CREATE SEQUENCE desk_ticket_number;"
MESSAGES = """
CREATE FUNCTION opus_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ce qui a été écrit dans une demande ne se modifie pas.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER desk_message_stays BEFORE UPDATE ON desk_message
    FOR EACH ROW EXECUTE FUNCTION opus_message_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_tickets")]

    operations = [
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE desk_ticket_number;"),
        guard_moves(
            "desk_ticket",
            {
                "ouvert": ["pris"],
                "pris": ["precision", "repondu", "clos"],
                "precision": ["pris", "repondu", "clos"],
                "repondu": ["clos", "rouvert"],
                "clos": ["rouvert"],
                "rouvert": ["pris"],
            },
        ),
        migrations.RunSQL(
            MESSAGES,
            "DROP TRIGGER desk_message_stays ON desk_message;"
            "DROP FUNCTION opus_message_stays();",
        ),
    ]
