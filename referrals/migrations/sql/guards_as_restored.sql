-- A list of states as text, whose definition reads the same after a restoration: as
-- varchar, PostgreSQL writes it otherwise, and the nightly check sees another guard (R28).
CREATE OR REPLACE TRIGGER referrals_appointment_slot_has_room BEFORE INSERT OR UPDATE OF slot_id, state ON referrals_appointment FOR EACH ROW WHEN (((new.slot_id IS NOT NULL) AND ((new.state)::text = ANY (ARRAY['planifiee'::text, 'modifiee'::text, 'remise'::text, 'a_renseigner'::text])))) EXECUTE FUNCTION opus_slot_has_room();
