"""An identifier is one person's for ever: neither changed nor freed (art. 5.1, S12)."""

from django.db import migrations

STAY = """
CREATE FUNCTION opus_keep_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Un identifiant appartient à une seule personne, pour toujours : il ne se change ni ne s’efface (art. 5.1).'
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER accounts_user_identifier_stays
    BEFORE UPDATE OF identifier ON accounts_user
    FOR EACH ROW WHEN (OLD.identifier IS DISTINCT FROM NEW.identifier)
    EXECUTE FUNCTION opus_keep_identifier();
CREATE TRIGGER accounts_user_is_kept BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION opus_keep_identifier();
"""

UNDO = """
DROP TRIGGER accounts_user_is_kept ON accounts_user;
DROP TRIGGER accounts_user_identifier_stays ON accounts_user;
DROP FUNCTION opus_keep_identifier();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0043_rgc_rules")]

    operations = [migrations.RunSQL(STAY, UNDO)]
