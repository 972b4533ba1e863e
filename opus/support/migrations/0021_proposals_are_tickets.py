"""Proposals of evolution are requests for assistance with a status (art. 11)."""

from django.conf import settings
from django.db import migrations, models

from opus.lib.database.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0056_one_row_a_review_meeting"),
        ("support", "0020_background_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel(
            old_name="SurveyParticipation", new_name="SurveyRespondent"
        ),
        migrations.RemoveConstraint(model_name="ticket", name="ticket_state_is_known"),
        migrations.RemoveConstraint(model_name="ticket", name="ticket_topic_is_known"),
        migrations.RemoveConstraint(
            model_name="ticket", name="answered_ticket_says_when"
        ),
        migrations.AddField(
            model_name="ticket",
            name="declined_because",
            field=models.TextField(
                blank=True,
                editable=False,
                max_length=1000,
                verbose_name="pourquoi elle est déclinée",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="state",
            field=models.CharField(
                choices=[
                    ("ouvert", "ouverte"),
                    ("pris", "prise en charge"),
                    ("precision", "en attente de précision"),
                    ("repondu", "répondue"),
                    ("clos", "close"),
                    ("rouvert", "rouverte"),
                    ("etude", "à l’étude"),
                    ("prevue", "prévue"),
                    ("declinee", "déclinée"),
                    ("livree", "livrée"),
                ],
                default="ouvert",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="topic",
            field=models.CharField(
                choices=[
                    ("connexion", "Connexion, mot de passe, second facteur"),
                    ("offres", "Recherche et offres"),
                    ("actes", "Mises en contact, demandes de CV, convocations"),
                    ("documents", "Documents et impression"),
                    ("comptes", "Comptes, quota, convention"),
                    ("accessibilite", "Accessibilité"),
                    ("donnees", "Données personnelles"),
                    ("evolution", "Proposition d’évolution d’Opus"),
                    ("autre", "Autre sujet"),
                ],
                max_length=20,
                verbose_name="sujet",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "ouvert",
                            "pris",
                            "precision",
                            "repondu",
                            "clos",
                            "rouvert",
                            "etude",
                            "prevue",
                            "declinee",
                            "livree",
                        ],
                    )
                ),
                name="ticket_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "connexion",
                            "offres",
                            "actes",
                            "documents",
                            "comptes",
                            "accessibilite",
                            "donnees",
                            "evolution",
                            "autre",
                        ],
                    )
                ),
                name="ticket_topic_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "state__in",
                            ["repondu", "etude", "prevue", "declinee", "livree"],
                        ),
                        _negated=True,
                    ),
                    ("answered_at__isnull", False),
                    _connector="OR",
                ),
                name="answered_ticket_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state__in", ["repondu", "rouvert"]), _negated=True),
                        ("structure__isnull", False),
                        ("topic", "evolution"),
                    ),
                    models.Q(
                        models.Q(("topic", "evolution"), _negated=True),
                        models.Q(
                            ("state__in", ("etude", "prevue", "declinee", "livree")),
                            _negated=True,
                        ),
                    ),
                    _connector="OR",
                ),
                name="proposal_is_a_structures_and_has_its_states",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "declinee"),
                        models.Q(("declined_because", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "declinee"), _negated=True),
                        ("declined_because", ""),
                    ),
                    _connector="OR",
                ),
                name="declined_proposal_says_why",
                violation_error_message="Dites à la structure pourquoi sa proposition est déclinée.",
            ),
        ),
        migrations.RunSQL("DROP TRIGGER support_ticket_moves ON support_ticket"),
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
    ]
