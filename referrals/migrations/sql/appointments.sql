-- Places of slots are counted under lock of the slot; nobody enters a closed slot, and
-- one that somebody entered does not close (R11).
CREATE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
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
    SELECT count(*) INTO taken FROM referrals_appointment
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_appointment_slot_has_room
    BEFORE INSERT OR UPDATE OF slot_id, state ON referrals_appointment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL
        AND NEW.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner'))
    EXECUTE FUNCTION opus_slot_has_room();

CREATE FUNCTION opus_slot_keeps_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_appointment WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a plus de personnes que de places.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_keeps_its_places';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_keeps_its_places BEFORE UPDATE OF capacity
    ON referrals_slot FOR EACH ROW EXECUTE FUNCTION opus_slot_keeps_its_places();

CREATE FUNCTION opus_slot_closes_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_appointment WHERE slot_id = NEW.id
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
