"""Days stand in the order, and within the window, that the trade gives them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0050_phones_and_postcodes")]

    operations = [
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("opinion_on", None),
                        ("opinion_on__gte", models.F("proposed_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("copy_given_on", None),
                        ("copy_given_on__gte", models.F("proposed_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("office_on", None),
                        ("office_on__gte", models.F("proposed_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("withdrawal_opinion_on", None),
                        ("withdrawal_opinion_on__gte", models.F("proposed_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("vacancy_letter_on", None),
                        ("vacancy_letter_on__gte", models.F("proposed_on")),
                        _connector="OR",
                    ),
                ),
                name="nomination_follows_its_letter",
                violation_error_message="Aucune date d’une nomination ne précède la lettre de la structure.",
            ),
        )
    ]
