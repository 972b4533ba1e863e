"""Act numbers, the acts' moves, and one structure for an act and its candidate."""

from django.db import migrations

from opus.lib.states import guard_moves

GUARDS = """
CREATE SEQUENCE referrals_act_number;
ALTER TABLE referrals_referral ADD CONSTRAINT referral_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
"""

UNDO_GUARDS = """
ALTER TABLE referrals_referral DROP CONSTRAINT referral_candidate_same_structure;
DROP SEQUENCE referrals_act_number;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0001_candidates_and_acts"),
        ("lib", "0001_audit_journal"),
    ]

    operations = [
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
        guard_moves(
            "referrals_referral",
            {
                "proposee": ["annulee", "remise"],
                "remise": ["annulee", "contact", "entretien", "terminee"],
                "contact": ["annulee", "entretien", "terminee"],
                "entretien": ["annulee", "terminee"],
                "terminee": ["contact", "entretien", "remise"],
            },
        ),
    ]
