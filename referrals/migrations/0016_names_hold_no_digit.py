"""A candidate's name holds no digit."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0054_names_in_french_order"),
        ("referrals", "0015_saved_searches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_name__regex", "\\d"), _negated=True),
                    models.Q(("last_name__regex", "\\d"), _negated=True),
                ),
                name="candidate_name_has_no_digit",
                violation_error_message="Un nom ne contient pas de chiffre.",
            ),
        )
    ]
