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
    SELECT count(*) INTO taken FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.slot_id AND act.id <> NEW.act_id
            AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;
-- A convocation that is over never lives again: its moves see to it.
CREATE TRIGGER referrals_appointmentdetails_slot_has_room
    BEFORE INSERT OR UPDATE OF slot_id ON referrals_appointmentdetails
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL)
    EXECUTE FUNCTION opus_slot_has_room();

CREATE FUNCTION opus_slot_keeps_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.id AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
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
        SELECT FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.id AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a déjà été pris.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_closes_empty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_closes_empty BEFORE UPDATE OF closed_at
    ON referrals_slot FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION opus_slot_closes_empty();

-- A convocation has its date and place, and no other act has any.
CREATE FUNCTION opus_details_are_of_a_convocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM referrals_act WHERE id = NEW.act_id) <> 'convocation' THEN
        RAISE EXCEPTION 'Seule une convocation a une date et un lieu.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_appointmentdetails_of_a_convocation
    BEFORE INSERT OR UPDATE OF act_id ON referrals_appointmentdetails
    FOR EACH ROW EXECUTE FUNCTION opus_details_are_of_a_convocation();

CREATE FUNCTION opus_convocation_has_details() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The act itself may be gone since.
    IF EXISTS (
        SELECT FROM referrals_act AS act WHERE id = NEW.id AND NOT EXISTS (
            SELECT FROM referrals_appointmentdetails WHERE act_id = act.id
        )
    ) THEN
        RAISE EXCEPTION 'Une convocation a une date et un lieu.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_act_has_details AFTER INSERT ON referrals_act
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'convocation')
    EXECUTE FUNCTION opus_convocation_has_details();
