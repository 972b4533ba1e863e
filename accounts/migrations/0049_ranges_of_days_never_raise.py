"""Reversed days make no range that raises: a CHECK refuses them, in French."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations, models

import opus.lib.dates.bounds


class Migration(migrations.Migration):
    dependencies = [("accounts", "0048_offices_and_agreed_persons")]

    operations = [
        migrations.RemoveConstraint(
            model_name="convention", name="one_convention_in_force"
        ),
        migrations.RemoveConstraint(model_name="leave", name="one_leave_at_a_time"),
        migrations.AddConstraint(
            model_name="convention",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ("signee", "preavis"))),
                expressions=[
                    ("structure", "="),
                    (
                        opus.lib.dates.bounds.DateRange(
                            django.db.models.functions.comparison.Least(
                                "starts_on", "ends_on"
                            ),
                            django.db.models.functions.comparison.Greatest(
                                "starts_on", "ends_on"
                            ),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                True, True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="one_convention_in_force",
                violation_error_message="Une autre convention de cette structure couvre déjà une partie de ces dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                expressions=[
                    ("account", "="),
                    (
                        opus.lib.dates.bounds.DateRange(
                            django.db.models.functions.comparison.Least(
                                "starts_on", "ends_on"
                            ),
                            django.db.models.functions.comparison.Greatest(
                                "starts_on", "ends_on"
                            ),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                True, True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="one_leave_at_a_time",
                violation_error_message="Une autre absence est déjà enregistrée sur une partie de ces dates : annulez-la d’abord.",
            ),
        ),
    ]
