"""A closed account accompanies nobody (art. 4.2, domain 5.6), whoever writes.

Both doors are held: an account does not close while candidates, and with them their
acts, are its own; a candidate is not given to a closed account. The share lock makes
the two wait for each other.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION opus_closes_with_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_closes_with_nobody BEFORE UPDATE OF state ON accounts_user
    FOR EACH ROW WHEN (NEW.state = 'ferme' AND OLD.state <> 'ferme')
    EXECUTE FUNCTION opus_closes_with_nobody();

CREATE FUNCTION opus_adviser_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_state text;
BEGIN
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_adviser_is_open
    BEFORE INSERT OR UPDATE OF adviser_id ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_adviser_is_open();
"""

UNDO_GUARD = """
DROP TRIGGER referrals_candidate_adviser_is_open ON referrals_candidate;
DROP FUNCTION opus_adviser_is_open();
DROP TRIGGER accounts_user_closes_with_nobody ON accounts_user;
DROP FUNCTION opus_closes_with_nobody();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0004_void_sheets"),
        ("accounts", "0014_identifiers_for_ever"),
    ]

    operations = [migrations.RunSQL(GUARD, UNDO_GUARD)]
