"""An identifier belongs to one person for ever (art. 5.1, S12).

No row of an account is deleted, and no identifier is changed, whoever writes: a closed
account keeps its own, which the unique index then refuses to anybody else.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION opus_keep_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Un identifiant reste à la même personne : un compte se ferme, il ne se supprime pas (convention, art. 5.1).'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identifier_for_ever';
END $$;
CREATE TRIGGER accounts_user_no_delete BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION opus_keep_identifier();
CREATE TRIGGER accounts_user_same_identifier
    BEFORE UPDATE OF identifier ON accounts_user
    FOR EACH ROW WHEN (OLD.identifier IS DISTINCT FROM NEW.identifier)
    EXECUTE FUNCTION opus_keep_identifier();
"""

UNDO_GUARD = """
DROP TRIGGER accounts_user_same_identifier ON accounts_user;
DROP TRIGGER accounts_user_no_delete ON accounts_user;
DROP FUNCTION opus_keep_identifier();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_address_changes")]

    operations = [migrations.RunSQL(GUARD, UNDO_GUARD)]
