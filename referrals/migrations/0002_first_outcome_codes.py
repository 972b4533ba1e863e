"""The coded outcomes to begin with; France Travail edits them in the admin (5.2)."""

from django.db import migrations

# code, label, kind
OUTCOMES = [
    ("embauche", "Embauché", "embauche"),
    ("non-retenu-competences", "Non retenu : compétences", "non_retenu"),
    ("non-retenu-experience", "Non retenu : expérience", "non_retenu"),
    ("non-retenu-mobilite", "Non retenu : mobilité", "non_retenu"),
    ("non-retenu-disponibilite", "Non retenu : disponibilité", "non_retenu"),
    ("non-retenu-doublon", "Non retenu : candidature déjà reçue", "non_retenu"),
    ("non-retenu-autre", "Non retenu : autre motif", "non_retenu"),
    ("absent", "Ne s’est pas présenté", "non_retenu"),
    ("refus-candidat", "Candidat non intéressé", "retrait"),
    ("indisponible", "Indisponible : emploi ou formation", "retrait"),
    ("injoignable", "Injoignable", "retrait"),
    ("poste-pourvu", "Poste pourvu ou retiré", "non_retenu"),
    ("sans-nouvelles", "Sans nouvelles", "sans_nouvelles"),
]


def add_outcomes(apps, schema_editor):
    outcome_code = apps.get_model("referrals", "OutcomeCode")
    outcome_code.objects.bulk_create(
        outcome_code(code=code, label=label, kind=kind, position=position)
        for position, (code, label, kind) in enumerate(OUTCOMES, start=1)
    )


class Migration(migrations.Migration):
    replaces = [("referrals", "0003_outcome_codes")]

    dependencies = [("referrals", "0001_initial")]

    operations = [migrations.RunPython(add_outcomes, migrations.RunPython.noop)]
