"""What PostgreSQL refuses of a nomination, whoever writes (R11, S28).

Rows older than these rules keep standing: they are held to them at their next change.
"""

import json

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from opus.lib.states import guard_moves

# The moves until then, for the way back.
BEFORE = {
    "propose": ["accepte", "refuse"],
    "accepte": ["en_fonction", "parti"],
    "en_fonction": ["parti", "retire"],
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_rgc_past")]

    operations = [
        migrations.RemoveConstraint(
            model_name="nomination",
            name="nomination_state_is_known",
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("propose", "accepte"))),
                fields=("convention",),
                name="one_proposal_under_way",
                violation_error_message="Une autre personne est déjà proposée pour cette convention : menez d’abord sa nomination à son terme, ou enregistrez l’abandon de la proposition.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "propose",
                            "accepte",
                            "refuse",
                            "abandonne",
                            "en_fonction",
                            "retire",
                            "parti",
                            "absent",
                        ],
                    )
                ),
                name="nomination_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("has_responsibility", True), ("is_permanent_staff", True)
                ),
                name="rgc_is_permanent_and_responsible",
                violation_error_message="Le RGC fait partie du personnel permanent de la structure et a une responsabilité opérationnelle sur les utilisateurs (art. 4.1).",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("propose", "accepte")), _negated=True),
                    ("person__isnull", False),
                    models.Q(("email", ""), _negated=True),
                    _connector="OR",
                ),
                name="proposed_rgc_can_be_written_to",
                violation_error_message="Indiquez l’adresse électronique de la personne : elle y recevra son identifiant (art. 6).",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["propose", "abandonne"]),
                    models.Q(
                        ("decided_on__gte", models.F("proposed_on")),
                        ("decided_on__isnull", False),
                        models.Q(("decision_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rgc_decided_in_writing",
                violation_error_message="La décision du directeur territorial porte une date et un nom, et ne précède pas la proposition (art. 4.1).",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "refuse"), ("refusal_reason", ""), _connector="XOR"
                ),
                name="rgc_refused_with_a_reason",
                violation_error_message="Un refus porte son motif (art. 4.1).",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["en_fonction", "parti", "absent"]), _negated=True
                    ),
                    models.Q(("office_on__isnull", False), ("person__isnull", False)),
                    _connector="OR",
                ),
                name="rgc_in_office_has_an_account",
                violation_error_message="Fournissez d’abord le compte de la personne.",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "en_fonction"), _negated=True),
                    models.Q(
                        ("accepted_by__isnull", False),
                        ("office_by__isnull", False),
                        models.Q(("office_by", models.F("accepted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rgc_appointed_by_two",
                violation_error_message="La personne qui a enregistré l’accord ne peut pas mettre elle-même en fonction : demandez à un autre administrateur.",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_on__isnull", False),
                        ("state__in", ("retire", "parti", "absent")),
                    ),
                    models.Q(
                        models.Q(
                            ("state__in", ("retire", "parti", "absent")), _negated=True
                        ),
                        ("ended_on", None),
                    ),
                    _connector="OR",
                ),
                name="rgc_office_ends_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on", None),
                    ("office_on", None),
                    ("ended_on__gte", models.F("office_on")),
                    _connector="OR",
                ),
                name="rgc_office_ends_after_it_began",
                violation_error_message="La fin de fonction ne peut pas précéder la mise en fonction.",
            ),
        ),
        AddConstraintNotValid(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "retire"), _negated=True),
                    models.Q(
                        models.Q(("withdrawal_opinion", ""), _negated=True),
                        models.Q(("withdrawal_by", ""), _negated=True),
                        models.Q(("withdrawal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rgc_withdrawn_after_an_opinion",
                violation_error_message="Le retrait se décide après l’avis du directeur territorial ou du directeur de site (art. 4.3) : enregistrez d’abord cet avis.",
            ),
        ),
        migrations.RunSQL(
            "DROP TRIGGER accounts_nomination_moves ON accounts_nomination;",
            f"""
            CREATE TRIGGER accounts_nomination_moves
            BEFORE UPDATE OF state ON accounts_nomination
            FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
            EXECUTE FUNCTION opus_allow_moves('{json.dumps(BEFORE)}');
            """,
        ),
        guard_moves(
            "accounts_nomination",
            {
                "propose": ["abandonne", "accepte", "refuse"],
                "accepte": ["abandonne", "en_fonction", "retire"],
                "en_fonction": ["absent", "parti", "retire"],
            },
        ),
    ]
