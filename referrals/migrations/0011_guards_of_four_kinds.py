"""Moves of the new acts, one structure with their candidate, places of slots (R11)."""

import django.db.models.deletion
from django.db import migrations, models

from opus.lib.states import guard_moves

FILL_CANDIDATES = """
UPDATE referrals_document d SET candidate_id = r.candidate_id
FROM referrals_referral r WHERE r.id = d.referral_id;
"""

NEW_ACTS = ("screenedreferral", "cvrequest", "summons")
SAME_STRUCTURE = "".join(
    f"""
ALTER TABLE referrals_{name} ADD CONSTRAINT {name}_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
"""
    for name in NEW_ACTS
)
UNDO_SAME_STRUCTURE = "".join(
    f"ALTER TABLE referrals_{name} DROP CONSTRAINT {name}_candidate_same_structure;\n"
    for name in NEW_ACTS
)

# The slot's row is held before its places are counted, whoever writes.
PLACES = """
CREATE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    taken integer;
BEGIN
    SELECT capacity INTO places FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    SELECT count(*) INTO taken FROM referrals_summons
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_summons_slot_has_room
    BEFORE INSERT OR UPDATE OF slot_id, state ON referrals_summons
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL
        AND NEW.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner'))
    EXECUTE FUNCTION opus_slot_has_room();

CREATE FUNCTION opus_slot_keeps_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_summons WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a plus de personnes que de places.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_keeps_its_places';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_keeps_its_places BEFORE UPDATE OF capacity
    ON referrals_slot FOR EACH ROW EXECUTE FUNCTION opus_slot_keeps_its_places();
"""
UNDO_PLACES = """
DROP TRIGGER referrals_slot_keeps_its_places ON referrals_slot;
DROP FUNCTION opus_slot_keeps_its_places();
DROP TRIGGER referrals_summons_slot_has_room ON referrals_summons;
DROP FUNCTION opus_slot_has_room();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_acts_of_four_kinds")]

    operations = [
        migrations.RunSQL(FILL_CANDIDATES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="document",
            name="candidate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="referrals.candidate",
                verbose_name="candidat",
            ),
        ),
        migrations.RunSQL(SAME_STRUCTURE, UNDO_SAME_STRUCTURE),
        migrations.RunSQL(PLACES, UNDO_PLACES),
        guard_moves(
            "referrals_screenedreferral",
            {
                "proposee": ["annulee", "remise"],
                "remise": ["a_examiner", "annulee"],
                "a_examiner": ["annulee", "complement", "ecartee", "preselection"],
                "complement": ["a_examiner", "annulee"],
                "ecartee": ["a_examiner"],
                "preselection": ["annulee", "presentee", "terminee"],
                "presentee": ["annulee", "entretien", "terminee"],
                "entretien": ["annulee", "terminee"],
                "terminee": ["entretien", "preselection", "presentee"],
            },
        ),
        guard_moves(
            "referrals_cvrequest",
            {
                "demandee": ["annulee", "relancee", "remise", "sans_cv"],
                "remise": ["annulee", "recu", "relancee", "sans_cv"],
                "relancee": ["annulee", "recu", "remise", "sans_cv"],
                "recu": ["annulee", "transmis"],
                "transmis": ["annulee", "non_retenu", "retenu"],
                "sans_cv": ["recu"],
            },
        ),
        guard_moves(
            "referrals_summons",
            {
                "planifiee": ["a_renseigner", "annulee", "modifiee", "remise"],
                "modifiee": ["a_renseigner", "annulee", "remise"],
                "remise": ["a_renseigner", "annulee", "modifiee"],
                "a_renseigner": ["absent", "annulee", "effectuee"],
                "effectuee": ["non_retenu", "retenu"],
            },
        ),
    ]
