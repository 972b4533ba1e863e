"""What PostgreSQL refuses of structures, accounts and agreements."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves
from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("offers", "0001_initial")]

    operations = [
        run_sql(__file__, "structures"),
        run_sql(__file__, "users"),
        run_sql(__file__, "agreements"),
        run_sql(__file__, "letters"),
        run_sql(__file__, "nominations"),
        run_sql(__file__, "signin"),
        run_sql(__file__, "team"),
        run_sql(__file__, "meetings"),
        run_sql(__file__, "rgc_changes"),
        run_sql(__file__, "breaches"),
        run_sql(__file__, "renewals"),
        run_sql(__file__, "agreement_document"),
        run_sql(__file__, "communes"),
        run_sql(__file__, "notifications"),
        run_sql(__file__, "agreed_ends"),
        # The tables of moves (R11).
        guard_moves(
            "accounts_alert", {"nouvelle": ["prise", "close"], "prise": ["close"]}
        ),
        guard_moves("accounts_amendment", {"propose": ["abandonne", "confirme"]}),
        guard_moves(
            "accounts_breach",
            {
                "maintenu": ["leve", "resilie"],
                "notifie": ["leve", "maintenu", "observe"],
                "observe": ["leve", "maintenu"],
                "ouvert": ["leve", "notifie"],
                "propose": ["leve", "ouvert"],
            },
        ),
        guard_moves(
            "accounts_convention",
            {
                "preavis": ["expiree", "resiliee"],
                "projet": ["abandonnee", "signee"],
                "signee": ["expiree", "preavis", "resiliee"],
            },
        ),
        guard_moves("accounts_ending", {"propose": ["abandonne", "confirme"]}),
        guard_moves(
            "accounts_factorreset",
            {
                "confirmee": ["arretee", "faite", "perimee"],
                "demandee": ["arretee", "confirmee", "faite", "perimee"],
            },
        ),
        guard_moves(
            "accounts_nomination",
            {
                "accepte": ["abandonne", "en_fonction", "retire"],
                "en_fonction": ["absent", "fini", "parti", "retire"],
                "propose": ["abandonne", "accepte", "refuse"],
            },
        ),
        guard_moves(
            "accounts_user",
            {
                "actif": ["ferme", "suspendu"],
                "cree": ["actif", "ferme", "suspendu"],
                "suspendu": ["actif", "cree", "ferme"],
            },
        ),
        # The rows that people edit (opus/lib/forms/edit_forms.py).
        raise_version(
            "accounts_accounthold",
            "accounts_agency",
            "accounts_convention",
            "accounts_modeltext",
            "accounts_nomination",
            "accounts_partnership",
            "accounts_reviewmeeting",
            "accounts_structure",
            "accounts_user",
        ),
    ]
