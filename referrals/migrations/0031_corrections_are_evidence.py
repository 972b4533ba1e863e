"""What a sheet said is never changed; it goes with the sheet (V14)."""

from django.db import migrations

GUARD = """
CREATE FUNCTION opus_keep_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_kept';
END $$;
-- Two sheets of one person become one: whose it is may change, what it says may not.
CREATE TRIGGER referrals_correction_is_kept
    BEFORE UPDATE OF gesture, field, before, after, reason, by_id, at
    ON referrals_correction FOR EACH ROW EXECUTE FUNCTION opus_keep_correction();
"""
UNGUARD = """
DROP TRIGGER referrals_correction_is_kept ON referrals_correction;
DROP FUNCTION opus_keep_correction();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0030_corrections")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
