"""What is evidence lets its names go at term, and nothing else (V9, V11).

What is frozen may be changed by the purge alone; rows still stay. A held account keeps
its name, whoever writes.
"""

from django.db import migrations

FROZEN = """
CREATE OR REPLACE FUNCTION opus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('opus.letting_go', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
"""

UNDO_FROZEN = """
CREATE OR REPLACE FUNCTION opus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
"""

SIGNED = """
CREATE OR REPLACE FUNCTION opus_hold_signed_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The names of contacts, five years after its end.
    IF current_setting('opus.letting_go', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF (OLD.structure_id, OLD.number, OLD.parent_id, OLD.signed_by_ft_on,
        OLD.signed_by_structure_on, OLD.starts_on, OLD.signed_consultation,
        OLD.signed_referrals, OLD.signed_quota, OLD.signed_ft_contact,
        OLD.signed_ft_contact_email, OLD.signed_ft_contact_phone,
        OLD.signed_partner_contact, OLD.signed_partner_contact_email,
        OLD.signed_partner_contact_phone)
       IS DISTINCT FROM
       (NEW.structure_id, NEW.number, NEW.parent_id, NEW.signed_by_ft_on,
        NEW.signed_by_structure_on, NEW.starts_on, NEW.signed_consultation,
        NEW.signed_referrals, NEW.signed_quota, NEW.signed_ft_contact,
        NEW.signed_ft_contact_email, NEW.signed_ft_contact_phone,
        NEW.signed_partner_contact, NEW.signed_partner_contact_email,
        NEW.signed_partner_contact_phone)
    THEN
        RAISE EXCEPTION 'Une convention signée ne change que par un avenant (art. 5.2).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.ends_on = OLD.ends_on OR (
        NEW.ends_on < OLD.ends_on AND NEW.state <> OLD.state
        AND NEW.state IN ('preavis', 'resiliee')
    ) THEN
        RETURN NEW;
    END IF;
    -- Else its end is the one that was agreed on last.
    -- Two confirmed at the same instant may both be the last.
    IF NOT EXISTS (
        WITH ends AS (
            SELECT ends_on, confirmed_at FROM accounts_amendment
                WHERE convention_id = OLD.id AND state = 'confirme'
                  AND ends_on IS NOT NULL
            UNION ALL
            SELECT ends_on, confirmed_at FROM accounts_ending
                WHERE convention_id = OLD.id AND state = 'confirme'
        )
        SELECT FROM ends WHERE ends_on = NEW.ends_on
            AND confirmed_at = (SELECT max(confirmed_at) FROM ends)
    ) THEN
        RAISE EXCEPTION 'La fin d’une convention signée ne change que par un avenant ou une fin anticipée confirmés (art. 5.2 et 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

UNDO_SIGNED = """
CREATE OR REPLACE FUNCTION opus_hold_signed_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.structure_id, OLD.number, OLD.parent_id, OLD.signed_by_ft_on,
        OLD.signed_by_structure_on, OLD.starts_on, OLD.signed_consultation,
        OLD.signed_referrals, OLD.signed_quota, OLD.signed_ft_contact,
        OLD.signed_ft_contact_email, OLD.signed_ft_contact_phone,
        OLD.signed_partner_contact, OLD.signed_partner_contact_email,
        OLD.signed_partner_contact_phone)
       IS DISTINCT FROM
       (NEW.structure_id, NEW.number, NEW.parent_id, NEW.signed_by_ft_on,
        NEW.signed_by_structure_on, NEW.starts_on, NEW.signed_consultation,
        NEW.signed_referrals, NEW.signed_quota, NEW.signed_ft_contact,
        NEW.signed_ft_contact_email, NEW.signed_ft_contact_phone,
        NEW.signed_partner_contact, NEW.signed_partner_contact_email,
        NEW.signed_partner_contact_phone)
    THEN
        RAISE EXCEPTION 'Une convention signée ne change que par un avenant (art. 5.2).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.ends_on = OLD.ends_on OR (
        NEW.ends_on < OLD.ends_on AND NEW.state <> OLD.state
        AND NEW.state IN ('preavis', 'resiliee')
    ) THEN
        RETURN NEW;
    END IF;
    -- Else its end is the one that was agreed on last.
    -- Two confirmed at the same instant may both be the last.
    IF NOT EXISTS (
        WITH ends AS (
            SELECT ends_on, confirmed_at FROM accounts_amendment
                WHERE convention_id = OLD.id AND state = 'confirme'
                  AND ends_on IS NOT NULL
            UNION ALL
            SELECT ends_on, confirmed_at FROM accounts_ending
                WHERE convention_id = OLD.id AND state = 'confirme'
        )
        SELECT FROM ends WHERE ends_on = NEW.ends_on
            AND confirmed_at = (SELECT max(confirmed_at) FROM ends)
    ) THEN
        RAISE EXCEPTION 'La fin d’une convention signée ne change que par un avenant ou une fin anticipée confirmés (art. 5.2 et 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

ERASED = """
CREATE FUNCTION opus_erase_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('opus.letting_go', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'Un nom ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_accounthold
        WHERE account_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_erased BEFORE UPDATE OF erased_at ON accounts_user
    FOR EACH ROW WHEN (OLD.erased_at IS DISTINCT FROM NEW.erased_at)
    EXECUTE FUNCTION opus_erase_account();
"""

UNDO_ERASED = """
DROP TRIGGER accounts_user_erased ON accounts_user;
DROP FUNCTION opus_erase_account();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0036_erased_accounts")]

    operations = [
        migrations.RunSQL(FROZEN, UNDO_FROZEN),
        migrations.RunSQL(SIGNED, UNDO_SIGNED),
        migrations.RunSQL(ERASED, UNDO_ERASED),
    ]
