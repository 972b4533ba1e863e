-- Acts of all kinds are numbered together, and no number comes twice.
CREATE SEQUENCE referrals_act_number;

-- One structure for an act and its candidate (S20).
ALTER TABLE referrals_referral ADD CONSTRAINT referral_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_screenedreferral ADD CONSTRAINT screenedreferral_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_cvrequest ADD CONSTRAINT cvrequest_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_appointment ADD CONSTRAINT appointment_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
