"""The days of a stand-in that waits are within the years."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0015_one_decision")]

    operations = [
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "starts_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="transfer_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        )
    ]
