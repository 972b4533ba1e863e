"""A sentence that was lent is never another one, and only ever goes (V5, R11)."""

from django.db import migrations

from opus.lib.database.states import guard_moves

LENT = """
CREATE FUNCTION opus_lent_sentence_only_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.asked_at > now() + interval '1 minute' THEN
            RAISE EXCEPTION 'Une phrase ne se garde pas à partir d’un jour à venir.'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.sealed IS NOT NULL AND NEW.sealed IS DISTINCT FROM OLD.sealed
        OR (NEW.account_id, NEW.place, NEW.families, NEW.asked_at, NEW.until)
        IS DISTINCT FROM
        (OLD.account_id, OLD.place, OLD.families, OLD.asked_at, OLD.until)
    THEN
        RAISE EXCEPTION 'Une phrase confiée ne change pas et ne se garde pas plus longtemps.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER support_secondopinion_lent BEFORE INSERT OR UPDATE ON support_secondopinion
    FOR EACH ROW EXECUTE FUNCTION opus_lent_sentence_only_goes();
"""


class Migration(migrations.Migration):
    dependencies = [("support", "0010_opinions")]

    operations = [
        guard_moves(
            "support_secondopinion",
            {"demande": ["regle_a_tort", "regle_a_raison", "sans_avis"]},
        ),
        migrations.RunSQL(
            LENT,
            "DROP TRIGGER support_secondopinion_lent ON support_secondopinion;"
            "DROP FUNCTION opus_lent_sentence_only_goes();",
        ),
    ]
