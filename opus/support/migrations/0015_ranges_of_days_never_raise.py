"""Reversed days make no range that raises: a CHECK refuses them, in French."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations

import opus.lib.dates.bounds


class Migration(migrations.Migration):
    dependencies = [("support", "0014_territorial_news")]

    operations = [
        migrations.RemoveConstraint(model_name="survey", name="one_survey_at_a_time"),
        migrations.AddConstraint(
            model_name="survey",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        opus.lib.dates.bounds.DateRange(
                            django.db.models.functions.comparison.Least(
                                "opens_on", "closes_on"
                            ),
                            django.db.models.functions.comparison.Greatest(
                                "opens_on", "closes_on"
                            ),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                True, True
                            ),
                        ),
                        "&&",
                    )
                ],
                name="one_survey_at_a_time",
                violation_error_message="Une autre enquête est ouverte ces jours-là.",
            ),
        ),
    ]
