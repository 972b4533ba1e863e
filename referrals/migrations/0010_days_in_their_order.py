"""Days stand in the order, and within the window, that the trade gives them."""

import datetime

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_phones_and_postcodes")]

    operations = [
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"),
                            "+",
                            models.Value(datetime.timedelta(days=548)),
                        ),
                    )
                ),
                name="slot_is_near",
                violation_error_message="Un créneau s’ouvre dix-huit mois d’avance au plus.",
            ),
        )
    ]
