"""Absences: those announced, and from when the others are counted (art. 4.2, S26)."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.models.conventions


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_factor_resets")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="clock_restarted_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="absence comptée à partir du"
            ),
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="premier jour d’absence")),
                ("ends_on", models.DateField(verbose_name="dernier jour d’absence")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="enregistrée le",
                    ),
                ),
                (
                    "cancelled_at",
                    models.DateTimeField(null=True, verbose_name="annulée le"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="annulée par",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "absence annoncée",
                "verbose_name_plural": "absences annoncées",
                "ordering": ("-starts_on",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(ends_on__gte=models.F("starts_on")),
                        name="leave_ends_after_it_starts",
                        violation_error_message="Le dernier jour d’absence précède le premier.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            cancelled_at__isnull=True, cancelled_by__isnull=True
                        )
                        | models.Q(
                            cancelled_at__isnull=False, cancelled_by__isnull=False
                        ),
                        name="leave_is_cancelled_by_somebody",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="one_leave_at_a_time",
                        expressions=[
                            ("account", "="),
                            (
                                accounts.models.conventions.DateRange(
                                    "starts_on",
                                    "ends_on",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        True, True
                                    ),
                                ),
                                "&&",
                            ),
                        ],
                        condition=models.Q(cancelled_at__isnull=True),
                        violation_error_message="Une autre absence est déjà enregistrée sur une partie de ces dates : annulez-la d’abord.",
                    ),
                ],
            },
        ),
    ]
