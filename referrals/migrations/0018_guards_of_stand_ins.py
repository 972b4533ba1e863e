"""A caseload is confided within its structure, and no further (domain 5.6, S20)."""

from django.db import migrations

GUARD = """
CREATE FUNCTION opus_stand_in_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both accounts are held first: two that would make a chain come one by one.
    PERFORM FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
            AND structure_id IS DISTINCT FROM NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Le conseiller et son collègue sont de la même structure.'
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'stand_in_is_of_the_structure';
    END IF;
    IF EXISTS (
        SELECT FROM referrals_standin other
            WHERE other.ended_at IS NULL AND other.id <> NEW.id
            AND (other.owner_id = NEW.colleague_id
                OR other.colleague_id = NEW.owner_id)
            AND daterange(other.starts_on, other.ends_on, '[]')
                && daterange(NEW.starts_on, NEW.ends_on, '[]')
    ) THEN
        RAISE EXCEPTION 'Des suivis confiés ne se confient pas plus loin.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_no_chain';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_fits BEFORE INSERT ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_fits();

CREATE FUNCTION opus_stand_in_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
        OR (to_jsonb(NEW) - 'ended_at' - 'ended_by_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'ended_at' - 'ended_by_id')
    THEN
        RAISE EXCEPTION 'Des suivis confiés ne changent plus : ils se reprennent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_only_ends BEFORE UPDATE ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_only_ends();
"""
UNDO = """
DROP TRIGGER referrals_standin_only_ends ON referrals_standin;
DROP FUNCTION opus_stand_in_only_ends();
DROP TRIGGER referrals_standin_fits ON referrals_standin;
DROP FUNCTION opus_stand_in_fits();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0017_stand_ins")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
