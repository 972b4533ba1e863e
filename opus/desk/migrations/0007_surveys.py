"""The satisfaction survey: two a year, answers without a name (art. 6, U18)."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import accounts.models.conventions


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("desk", "0006_probes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Survey",
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
                ("opens_on", models.DateField(verbose_name="ouverte le")),
                ("closes_on", models.DateField(verbose_name="close au soir du")),
                (
                    "year",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.datetime.ExtractYear(
                            "opens_on"
                        ),
                        output_field=models.IntegerField(verbose_name="année"),
                    ),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        editable=False, verbose_name="rang dans l’année"
                    ),
                ),
            ],
            options={
                "verbose_name": "enquête de satisfaction",
                "verbose_name_plural": "enquêtes de satisfaction",
                "ordering": ("-opens_on",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("year"),
                        models.F("rank"),
                        name="two_surveys_a_year",
                        violation_error_message="Deux enquêtes au plus par année (art. 6).",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rank__gte", 1), ("rank__lte", 2)),
                        name="no_third_survey_in_a_year",
                        violation_error_message="Deux enquêtes au plus par année (art. 6).",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opens_on__lte", models.F("closes_on"))),
                        name="survey_closes_after_it_opens",
                        violation_error_message="L’enquête se clôt après son ouverture.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                accounts.models.conventions.DateRange(
                                    "opens_on",
                                    "closes_on",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        inclusive_lower=True, inclusive_upper=True
                                    ),
                                ),
                                "&&",
                            )
                        ],
                        name="one_survey_at_a_time",
                        violation_error_message="Une autre enquête est ouverte ces jours-là.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "ease",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "Tout à fait d’accord"),
                            (3, "Plutôt d’accord"),
                            (2, "Plutôt pas d’accord"),
                            (1, "Pas du tout d’accord"),
                            (0, "Sans avis"),
                        ],
                        verbose_name="Opus est facile à utiliser",
                    ),
                ),
                (
                    "offers",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "Tout à fait d’accord"),
                            (3, "Plutôt d’accord"),
                            (2, "Plutôt pas d’accord"),
                            (1, "Pas du tout d’accord"),
                            (0, "Sans avis"),
                        ],
                        verbose_name="Les offres sont utiles aux personnes que j’accompagne",
                    ),
                ),
                (
                    "acts",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "Tout à fait d’accord"),
                            (3, "Plutôt d’accord"),
                            (2, "Plutôt pas d’accord"),
                            (1, "Pas du tout d’accord"),
                            (0, "Sans avis"),
                        ],
                        verbose_name="Les mises en contact et leurs documents me font gagner du temps",
                    ),
                ),
                (
                    "help",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "Tout à fait d’accord"),
                            (3, "Plutôt d’accord"),
                            (2, "Plutôt pas d’accord"),
                            (1, "Pas du tout d’accord"),
                            (0, "Sans avis"),
                        ],
                        verbose_name="Quand j’ai une difficulté, je trouve de l’aide",
                    ),
                ),
                (
                    "comment",
                    models.TextField(
                        blank=True,
                        max_length=300,
                        validators=[django.core.validators.MaxLengthValidator(300)],
                        verbose_name="Ce que vous changeriez en premier",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="desk.survey",
                        verbose_name="enquête",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse à une enquête",
                "verbose_name_plural": "réponses aux enquêtes",
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("acts__in", [4, 3, 2, 1, 0]),
                            ("ease__in", [4, 3, 2, 1, 0]),
                            ("help__in", [4, 3, 2, 1, 0]),
                            ("offers__in", [4, 3, 2, 1, 0]),
                        ),
                        name="answer_is_on_the_scale",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("comment"), 300
                        ),
                        name="comment_is_short",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyParticipation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="desk.survey",
                        verbose_name="enquête",
                    ),
                ),
            ],
            options={
                "verbose_name": "participation à une enquête",
                "verbose_name_plural": "participations aux enquêtes",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "account"),
                        name="one_participation_for_an_account",
                    )
                ],
            },
        ),
    ]
