"""Days stand in the order, and within the window, that the trade gives them."""

import datetime

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0015_ranges_of_days_never_raise")]

    operations = [
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "started_at__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("declared_at"),
                            "-",
                            models.Value(datetime.timedelta(days=366)),
                        ),
                    )
                ),
                name="incident_began_within_the_year",
                violation_error_message="Un incident a commencé depuis un an au plus\xa0: vérifiez la date de son début.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedwork",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("starts_at"),
                            "+",
                            models.Value(datetime.timedelta(days=28)),
                        ),
                    ),
                    (
                        "starts_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("announced_at"),
                            "+",
                            models.Value(datetime.timedelta(days=366)),
                        ),
                    ),
                ),
                name="works_are_near_and_short",
                violation_error_message="Une opération planifiée commence dans l’année qui vient et dure quatre semaines au plus.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("redirected_on", None),
                        ("redirected_on__gte", models.F("received_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("checked_on", None),
                        ("checked_on__gte", models.F("received_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("extended_on", None),
                        ("extended_on__gte", models.F("received_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("ended_on", None),
                        ("ended_on__gte", models.F("received_on")),
                        _connector="OR",
                    ),
                ),
                name="rights_follow_their_receipt",
                violation_error_message="Aucune date d’une demande ne précède sa réception.",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closes_on__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opens_on"),
                            "+",
                            models.Value(datetime.timedelta(days=184)),
                        ),
                    )
                ),
                name="survey_lasts_six_months_at_most",
                violation_error_message="Une enquête dure six mois au plus\xa0: une autre ne peut pas s’ouvrir pendant ce temps.",
            ),
        ),
    ]
