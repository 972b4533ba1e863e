"""An RGC takes office once the structure is notified, whoever writes (4.1, 4.3)."""

import datetime

from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_past_notifications")]

    operations = [
        migrations.RemoveConstraint(
            model_name="nomination", name="nomination_within_the_years"
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "copy_given_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "decided_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "end_announced_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "ended_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "notified_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "office_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "opinion_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "proposed_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "vacancy_letter_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "validated_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "withdrawal_opinion_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="nomination_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notified_on", None),
                    models.Q(
                        ("decided_on__isnull", False),
                        ("notified_on__gte", models.F("decided_on")),
                    ),
                    _connector="OR",
                ),
                name="rgc_notified_after_the_agreement",
                violation_error_message="La notification ne précède pas l’accord du directeur territorial (art. 4.1).",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("office_on", None),
                    ("validated_on__isnull", False),
                    models.Q(
                        ("notified_on__isnull", False),
                        ("notified_on__lte", models.F("office_on")),
                    ),
                    _connector="OR",
                ),
                name="rgc_notified_before_the_office",
                violation_error_message="L’accord sur cette personne n’est pas notifié à la structure (art. 4.1)\xa0: notez d’abord le jour de cette notification.",
            ),
        ),
        run_sql(__file__, "notifications"),
    ]
