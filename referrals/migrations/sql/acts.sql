-- Acts of all kinds are numbered together, and no number comes twice.
CREATE SEQUENCE referrals_act_number;

-- One structure for an act and its candidate (S20).
ALTER TABLE referrals_act ADD CONSTRAINT act_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);

CREATE TRIGGER referrals_act_keeps_its_kind BEFORE UPDATE OF kind ON referrals_act
    FOR EACH ROW WHEN (OLD.kind IS DISTINCT FROM NEW.kind)
    EXECUTE FUNCTION opus_refuse('Une proposition ne change pas de nature.');
