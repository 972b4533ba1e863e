"""What was asked by telephone before has a question that can be answered."""

from django.db import migrations

WRITTEN = """
INSERT INTO referrals_applicationquestion
    (screened_referral_id, text, answer, asked_by_id, asked_at)
SELECT act.id,
       'Un complément est demandé : appelez l’agence pour savoir lequel.',
       '', step.by_id, step.at
FROM referrals_screenedreferral act
JOIN LATERAL (
    SELECT by_id, at FROM referrals_screenedreferralstep
    WHERE screened_referral_id = act.id AND target = 'complement'
    ORDER BY at DESC, id DESC LIMIT 1
) step ON step.by_id IS NOT NULL
WHERE act.state = 'complement'
  AND NOT EXISTS (
    SELECT FROM referrals_applicationquestion question
    WHERE question.screened_referral_id = act.id
      AND question.answered_at IS NULL
  )
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_agencies_propose_dates")]

    operations = [migrations.RunSQL(WRITTEN, migrations.RunSQL.noop)]
