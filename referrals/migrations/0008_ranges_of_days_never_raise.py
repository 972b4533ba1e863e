"""Reversed days make no range that raises: a CHECK refuses them, in French."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations, models

import opus.lib.dates.bounds


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_row_versions")]

    operations = [
        migrations.RemoveConstraint(
            model_name="standin", name="one_stand_in_at_a_time"
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                expressions=[
                    ("owner", "="),
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
                name="one_stand_in_at_a_time",
                violation_error_message="Ces suivis sont déjà confiés à quelqu’un sur une partie de ces dates\xa0: reprenez-les d’abord.",
            ),
        ),
    ]
