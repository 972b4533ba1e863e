"""No way round four eyes, whoever writes (S28): ends and confirmations are held by
PostgreSQL, not by the button that one presses."""

from django.db import migrations

ENDS = """
-- A convention ends before its term by an early end that two people confirmed, and by
-- nothing else; at its term, or after its notice, once its last day is over.
CREATE FUNCTION opus_hold_ends() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_over boolean := OLD.ends_on < (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    IF NEW.state IN ('expiree', 'resiliee') AND is_over THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'expiree' AND EXISTS (
        SELECT FROM accounts_ending
        WHERE convention_id = OLD.id AND state = 'confirme'
          AND (at_once OR (NEW.state = 'preavis' AND ends_on = NEW.ends_on))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une convention prend fin à son terme, ou par une fin anticipée que deux personnes ont confirmée (art. 12).'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_convention_ends BEFORE UPDATE OF state ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state IN ('signee', 'preavis') AND NEW.state <> OLD.state
        AND NEW.state IN ('preavis', 'resiliee', 'expiree')
    )
    EXECUTE FUNCTION opus_hold_ends();
"""

UNDO_ENDS = """
DROP TRIGGER accounts_convention_ends ON accounts_convention;
DROP FUNCTION opus_hold_ends();
"""

CONFIRMED = """
-- Agents propose; an administrator decides (domain 5.7). By its name, it comes after the
-- table of moves.
CREATE FUNCTION opus_hold_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.confirmed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un administrateur de France Travail confirme : les agents proposent.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_amendment_settled BEFORE INSERT OR UPDATE ON accounts_amendment
    FOR EACH ROW WHEN (NEW.state = 'confirme')
    EXECUTE FUNCTION opus_hold_confirmation();
CREATE TRIGGER accounts_ending_settled BEFORE INSERT OR UPDATE ON accounts_ending
    FOR EACH ROW WHEN (NEW.state = 'confirme')
    EXECUTE FUNCTION opus_hold_confirmation();
"""

UNDO_CONFIRMED = """
DROP TRIGGER accounts_ending_settled ON accounts_ending;
DROP TRIGGER accounts_amendment_settled ON accounts_amendment;
DROP FUNCTION opus_hold_confirmation();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_announced_departures")]

    operations = [
        migrations.RunSQL(ENDS, UNDO_ENDS),
        migrations.RunSQL(CONFIRMED, UNDO_CONFIRMED),
    ]
