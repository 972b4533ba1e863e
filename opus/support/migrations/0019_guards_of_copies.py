"""Who recorded a request has no copy; an account's request concerns no candidate."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION opus_two_for_a_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND check_done <> 'connexion'
          AND recorded_by_id IN (NEW.asked_by_id, NEW.taken_by_id)
    ) THEN
        RAISE EXCEPTION 'Vous avez enregistré cette demande pour une autre personne : un collègue vérifie l’identité, prépare la copie et la télécharge. Il faut être deux.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_personfile_by_two
    BEFORE INSERT OR UPDATE OF asked_by_id, taken_by_id ON support_personfile
    FOR EACH ROW EXECUTE FUNCTION opus_two_for_a_copy();

CREATE FUNCTION opus_concern_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND kind IN ('inscrit', 'non_inscrit')
    ) THEN
        RAISE EXCEPTION 'Cette demande n’est pas celle d’un candidat : aucune fiche ne s’y rattache.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_concernedcandidate_of_its_kind
    BEFORE INSERT OR UPDATE ON support_concernedcandidate
    FOR EACH ROW EXECUTE FUNCTION opus_concern_candidates();
"""

BACK = """
DROP TRIGGER support_concernedcandidate_of_its_kind ON support_concernedcandidate;
DROP FUNCTION opus_concern_candidates();
DROP TRIGGER support_personfile_by_two ON support_personfile;
DROP FUNCTION opus_two_for_a_copy();
"""


class Migration(migrations.Migration):
    dependencies = [("support", "0018_one_person_by_two")]

    operations = [migrations.RunSQL(GUARDS, BACK)]
