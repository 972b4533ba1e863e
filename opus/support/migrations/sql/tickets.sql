-- Numbers never come twice, what was said stays (R11).
CREATE SEQUENCE support_ticket_number;

CREATE FUNCTION opus_message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ce qui a été écrit dans une demande ne se modifie pas.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_message_stays BEFORE UPDATE ON support_message
    FOR EACH ROW EXECUTE FUNCTION opus_message_stays();
