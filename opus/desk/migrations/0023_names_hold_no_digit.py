"""A name in a data-rights request holds no digit."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0054_names_in_french_order"),
        ("desk", "0022_no_second_opinions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name__regex", "\\d"), _negated=True)),
                name="rights_name_has_no_digit",
                violation_error_message="Un nom ne contient pas de chiffre.",
            ),
        ),
    ]
