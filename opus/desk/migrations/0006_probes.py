"""The prober's minutes, and the months counted from them (R16)."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0005_incidents_and_works"),
    ]

    operations = [
        migrations.CreateModel(
            name="Probe",
            fields=[
                (
                    "minute",
                    models.DateTimeField(
                        primary_key=True, serialize=False, verbose_name="minute"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ok", "en service"),
                            ("degraded", "en service, avec du retard"),
                            ("down", "indisponible"),
                        ],
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "latency_ms",
                    models.PositiveIntegerField(
                        null=True, verbose_name="délai de réponse, en ms"
                    ),
                ),
            ],
            options={
                "verbose_name": "mesure",
                "ordering": ("-minute",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["ok", "degraded", "down"])),
                        name="probe_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minute__second", 0)),
                        name="probe_is_of_a_whole_minute",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasuredMonth",
            fields=[
                (
                    "month",
                    models.DateField(
                        primary_key=True, serialize=False, verbose_name="mois"
                    ),
                ),
                (
                    "elapsed",
                    models.PositiveIntegerField(verbose_name="minutes du mois"),
                ),
                (
                    "planned",
                    models.PositiveIntegerField(
                        verbose_name="minutes d’opérations planifiées"
                    ),
                ),
                ("up", models.PositiveIntegerField(verbose_name="minutes en service")),
                (
                    "unseen",
                    models.PositiveIntegerField(verbose_name="minutes sans mesure"),
                ),
            ],
            options={
                "verbose_name": "mois mesuré",
                "verbose_name_plural": "mois mesurés",
                "ordering": ("month",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "up__lte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("elapsed"), "-", models.F("planned")
                                    ),
                                    "-",
                                    models.F("unseen"),
                                ),
                            )
                        ),
                        name="month_is_no_longer_than_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="month_is_told_by_its_first_day",
                    ),
                ],
            },
        ),
    ]
