"""A closed account keeps its persons while a transfer waits, or was stopped (4.2)."""

from django.db import migrations

from opus.lib.database.states import guard_moves

# An account closes with persons only while their transfer waits; and a transfer of a
# closed account is done only once nobody is left behind. So a closed account that
# accompanies somebody has a transfer that waits or was stopped.
CLOSED_ACCOUNTS = """
CREATE OR REPLACE FUNCTION opus_closes_with_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.id AND state = 'attente' FOR SHARE
    ) THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;

-- Whom it already accompanies may change otherwise: address, telephone.
CREATE OR REPLACE FUNCTION opus_adviser_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.adviser_id = OLD.adviser_id THEN
        RETURN NEW;
    END IF;
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION opus_closes_with_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION opus_adviser_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

# What was requested does not change afterwards, and stays: neither an earlier day nor
# another receiver.
TRANSFERS = """
CREATE TRIGGER referrals_caseloadtransfer_frozen
    BEFORE UPDATE ON referrals_caseloadtransfer
    FOR EACH ROW WHEN (
        (OLD.account_id, OLD.asked_by_id, OLD.acts_to_id, OLD.others_to_id, OLD.people,
         OLD.acts, OLD.asked_at, OLD.ready_at)
        IS DISTINCT FROM
        (NEW.account_id, NEW.asked_by_id, NEW.acts_to_id, NEW.others_to_id, NEW.people,
         NEW.acts, NEW.asked_at, NEW.ready_at)
    )
    EXECUTE FUNCTION opus_refuse('Un transfert demandé ne change plus : il s’annule.');
CREATE TRIGGER referrals_caseloadtransfer_stays
    BEFORE DELETE ON referrals_caseloadtransfer
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un transfert ne s’efface pas.');

CREATE FUNCTION opus_transfer_leaves_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidate
        JOIN accounts_user ON accounts_user.id = adviser_id
        WHERE adviser_id = NEW.account_id AND accounts_user.state = 'ferme'
    ) THEN
        RAISE EXCEPTION 'Ce compte fermé accompagne encore quelqu’un.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_caseloadtransfer_leaves_nobody
    BEFORE UPDATE OF state ON referrals_caseloadtransfer
    FOR EACH ROW WHEN (NEW.state = 'fait')
    EXECUTE FUNCTION opus_transfer_leaves_nobody();
"""
NO_TRANSFERS = """
DROP TRIGGER referrals_caseloadtransfer_leaves_nobody ON referrals_caseloadtransfer;
DROP FUNCTION opus_transfer_leaves_nobody();
DROP TRIGGER referrals_caseloadtransfer_stays ON referrals_caseloadtransfer;
DROP TRIGGER referrals_caseloadtransfer_frozen ON referrals_caseloadtransfer;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0004_transfers_of_caseloads"),
        ("accounts", "0002_rules_in_sql"),
    ]

    operations = [
        migrations.RunSQL(CLOSED_ACCOUNTS, AS_BEFORE),
        migrations.RunSQL(TRANSFERS, NO_TRANSFERS),
        guard_moves("referrals_caseloadtransfer", {"attente": ["arrete", "fait"]}),
    ]
