"""What PostgreSQL refuses of persons and acts; act numbers, outcome codes."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves
from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("accounts", "0002_rules")]

    operations = [
        run_sql(__file__, "acts"),
        run_sql(__file__, "candidates"),
        run_sql(__file__, "appointments"),
        run_sql(__file__, "caseloads"),
        run_sql(__file__, "candidate_emails"),
        run_sql(__file__, "corrections"),
        run_sql(__file__, "saved_searches"),
        run_sql(__file__, "retention"),
        run_sql(__file__, "outcome_codes"),
        run_sql(__file__, "limits"),
        run_sql(__file__, "decisions"),
        run_sql(__file__, "access_renewed"),
        # The tables of moves (R11).
        guard_moves(
            "referrals_act",
            {
                "a_renseigner": ["absent", "annulee", "effectuee"],
                "effectuee": ["non_retenu", "retenu"],
                "modifiee": ["a_renseigner", "annulee", "remise"],
                "planifiee": ["a_renseigner", "annulee", "modifiee", "remise"],
                "remise": ["a_renseigner", "annulee", "modifiee"],
            },
            kind="convocation",
        ),
        guard_moves(
            "referrals_caseloadtransfer",
            {"attente": ["arrete", "fait"], "fait": ["rendu"]},
        ),
        guard_moves(
            "referrals_act",
            {
                "demandee": ["annulee", "relancee", "remise", "sans_cv"],
                "recu": ["annulee", "transmis"],
                "relancee": ["annulee", "recu", "remise", "sans_cv"],
                "remise": ["annulee", "recu", "relancee", "sans_cv"],
                "sans_cv": ["recu"],
                "transmis": ["annulee", "non_retenu", "retenu"],
            },
            kind="demande_cv",
        ),
        guard_moves(
            "referrals_act",
            {
                "contact": ["annulee", "entretien", "terminee"],
                "entretien": ["annulee", "terminee"],
                "proposee": ["annulee", "remise"],
                "remise": ["annulee", "contact", "entretien", "terminee"],
                "terminee": ["contact", "entretien", "remise"],
            },
            kind="mise_en_contact",
        ),
        guard_moves(
            "referrals_act",
            {
                "a_examiner": ["annulee", "complement", "ecartee", "preselection"],
                "complement": ["a_examiner", "annulee"],
                "ecartee": ["a_examiner"],
                "entretien": ["annulee", "terminee"],
                "preselection": ["annulee", "presentee", "terminee"],
                "presentee": ["annulee", "entretien", "terminee"],
                "proposee": ["annulee", "remise"],
                "remise": ["a_examiner", "annulee"],
                "terminee": ["entretien", "preselection", "presentee"],
            },
            kind="mec_preselection",
        ),
        # The rows that people edit (opus/lib/forms/edit_forms.py).
        raise_version(
            "referrals_candidate",
            "referrals_candidatehold",
            "referrals_outcomecode",
            "referrals_savedsearch",
            "referrals_slot",
        ),
    ]
