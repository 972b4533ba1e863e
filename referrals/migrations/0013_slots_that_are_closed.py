"""A closed slot takes nobody, and one that somebody took does not close (R11)."""

from django.db import migrations

PLACES = """
CREATE OR REPLACE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    closed timestamptz;
    taken integer;
BEGIN
    SELECT capacity, closed_at INTO places, closed
        FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'Ce créneau est fermé.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_is_open';
    END IF;
    SELECT count(*) INTO taken FROM referrals_summons
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION opus_slot_closes_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_summons WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a déjà été pris.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_closes_empty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_closes_empty BEFORE UPDATE OF closed_at
    ON referrals_slot FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION opus_slot_closes_empty();
"""
UNDO = """
DROP TRIGGER referrals_slot_closes_empty ON referrals_slot;
DROP FUNCTION opus_slot_closes_empty();
CREATE OR REPLACE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    taken integer;
BEGIN
    SELECT capacity INTO places FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    SELECT count(*) INTO taken FROM referrals_summons
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0011_guards_of_four_kinds")]

    operations = [migrations.RunSQL(PLACES, UNDO)]
