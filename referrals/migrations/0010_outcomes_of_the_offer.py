"""Outcomes speak of the proposal, not of the person: Opus records nobody's sex."""

from django.db import migrations

# Labels that France Travail has edited since stay as they are.
OF_THE_OFFER = """
UPDATE referrals_outcomecode AS code
SET label = said.label
FROM (VALUES
    ('embauche', 'Embauché', 'Embauche'),
    ('non-retenu-competences', 'Non retenu : compétences', 'Non retenue : compétences'),
    ('non-retenu-experience', 'Non retenu : expérience', 'Non retenue : expérience'),
    ('non-retenu-mobilite', 'Non retenu : mobilité', 'Non retenue : mobilité'),
    ('non-retenu-disponibilite', 'Non retenu : disponibilité',
        'Non retenue : disponibilité'),
    ('non-retenu-doublon', 'Non retenu : candidature déjà reçue',
        'Non retenue : candidature déjà reçue'),
    ('non-retenu-autre', 'Non retenu : autre motif', 'Non retenue : autre motif'),
    ('absent', 'Ne s’est pas présenté', 'Absence à l’entretien'),
    ('refus-candidat', 'Candidat non intéressé', 'Offre refusée par le candidat')
) AS said (code, old_label, label)
WHERE code.code = said.code AND code.label = said.old_label
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_one_vocabulary")]

    operations = [migrations.RunSQL(OF_THE_OFFER, migrations.RunSQL.noop)]
