"""What an account said is never changed; it goes when the name goes (V14)."""

from django.db import migrations

GUARD = """
CREATE FUNCTION opus_keep_account_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_correction_is_kept';
END $$;
CREATE TRIGGER accounts_accountcorrection_is_kept
    BEFORE UPDATE ON accounts_accountcorrection
    FOR EACH ROW EXECUTE FUNCTION opus_keep_account_correction();
"""
UNGUARD = """
DROP TRIGGER accounts_accountcorrection_is_kept ON accounts_accountcorrection;
DROP FUNCTION opus_keep_account_correction();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0039_account_corrections")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
