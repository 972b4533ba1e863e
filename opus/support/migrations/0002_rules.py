"""What PostgreSQL refuses of tickets, news, planned works and data rights."""

from django.db import migrations

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves
from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial")]

    operations = [
        run_sql(__file__, "tickets"),
        run_sql(__file__, "news"),
        run_sql(__file__, "maintenance"),
        run_sql(__file__, "data_rights"),
        run_sql(__file__, "rights_gestures"),
        run_sql(__file__, "nothing_kept"),
        # The tables of moves (R11).
        guard_moves(
            "support_announcement", {"brouillon": ["publiee"], "publiee": ["retiree"]}
        ),
        guard_moves(
            "support_rightsrequest",
            {
                "en_cours": ["repondue", "refusee"],
                "recue": ["verifiee", "refusee"],
                "verifiee": ["en_cours"],
            },
        ),
        guard_moves(
            "support_ticket",
            {
                "clos": ["rouvert"],
                "etude": ["prevue", "declinee", "livree"],
                "ouvert": ["pris"],
                "precision": [
                    "pris",
                    "repondu",
                    "clos",
                    "etude",
                    "prevue",
                    "declinee",
                    "livree",
                ],
                "prevue": ["declinee", "livree"],
                "pris": [
                    "precision",
                    "repondu",
                    "clos",
                    "etude",
                    "prevue",
                    "declinee",
                    "livree",
                ],
                "repondu": ["clos", "rouvert"],
                "rouvert": ["pris"],
            },
        ),
        # The rows that people edit (opus/lib/forms/edit_forms.py).
        raise_version(
            "support_announcement",
            "support_certifiedbrowser",
            "support_guide",
            "support_incident",
            "support_plannedwork",
            "support_question",
            "support_rightsrequest",
            "support_survey",
        ),
    ]
