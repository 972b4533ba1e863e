"""What PostgreSQL refuses of requests, news, planned works and rights; their numbers."""

from django.db import migrations

from opus.lib.database.states import guard_moves

# Numbers never come twice, what was said stays (R11).
TICKETS = """
CREATE SEQUENCE support_ticket_number;

CREATE FUNCTION opus_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ce qui a été écrit dans une demande ne se modifie pas.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_message_stays BEFORE UPDATE ON support_message
    FOR EACH ROW EXECUTE FUNCTION opus_message_stays();
"""

ANNOUNCEMENTS = """
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
"""

PLANNED_WORKS = """
-- The minutes of planned works do not count as breakdowns: once told they may be given
-- up before they begin or made shorter, never moved, made longer or taken away.
CREATE FUNCTION opus_guard_planned_works() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.starts_at = OLD.starts_at
        AND NEW.announced_at = OLD.announced_at
        AND NEW.ends_at <= OLD.ends_at
        AND (NEW.cancelled_at IS NOT DISTINCT FROM OLD.cancelled_at
             OR (OLD.cancelled_at IS NULL AND NEW.cancelled_at < OLD.starts_at))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une opération annoncée ne se déplace pas et ne s’allonge pas : annulez-la avant son début, ou terminez-la plus tôt.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_plannedwork_guarded BEFORE UPDATE OR DELETE ON support_plannedwork
    FOR EACH ROW EXECUTE FUNCTION opus_guard_planned_works();
"""

# The numbers of the register of article 10 (V12).
RIGHTS_REQUESTS = """
CREATE SEQUENCE support_rights_number;
"""


class Migration(migrations.Migration):
    replaces = [
        ("support", "0003_guards_of_tickets"),
        ("support", "0009_guards_of_rights"),
    ]

    dependencies = [("support", "0001_initial"), ("lib", "0002_journal_in_sql")]

    operations = [
        migrations.RunSQL(TICKETS),
        migrations.RunSQL(ANNOUNCEMENTS),
        migrations.RunSQL(PLANNED_WORKS),
        migrations.RunSQL(RIGHTS_REQUESTS),
        # The tables of moves (R11).
        guard_moves(
            "support_ticket",
            {
                "clos": ["rouvert"],
                "ouvert": ["pris"],
                "precision": ["pris", "repondu", "clos"],
                "pris": ["precision", "repondu", "clos"],
                "repondu": ["clos", "rouvert"],
                "rouvert": ["pris"],
            },
        ),
        guard_moves(
            "support_announcement", {"brouillon": ["publiee"], "publiee": ["retiree"]}
        ),
        guard_moves(
            "support_rightsrequest",
            {
                "en_cours": ["repondue", "refusee"],
                "recue": ["verifiee", "refusee"],
                "verifiee": ["en_cours"],
            },
        ),
    ]
