"""Refused sentences about which somebody asked (V5)."""

import datetime
import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0002_rules_in_sql"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondOpinion",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("demande", "en attente de réponse"),
                            ("regle_a_tort", "la règle se trompe"),
                            ("regle_a_raison", "la règle a raison"),
                            ("sans_avis", "effacée sans réponse"),
                        ],
                        default="demande",
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("place", models.CharField(max_length=80, verbose_name="champ")),
                (
                    "families",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("origine", "l’origine d’une personne"),
                                ("politique", "les opinions politiques"),
                                ("convictions", "la religion ou les convictions"),
                                ("syndicat", "l’appartenance syndicale"),
                                ("sante", "la santé ou le handicap"),
                                ("vie_sexuelle", "la vie sexuelle"),
                                (
                                    "difficultes",
                                    "des difficultés sociales ou personnelles",
                                ),
                                ("injure", "un jugement blessant"),
                                ("nir", "un numéro de sécurité sociale"),
                                ("iban", "un numéro de compte bancaire"),
                                ("telephone", "un numéro de téléphone"),
                                ("courriel", "une adresse électronique"),
                                ("identifiant", "un identifiant France Travail"),
                            ],
                            max_length=20,
                        ),
                        verbose_name="sujets",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(verbose_name="version des règles"),
                ),
                ("sealed", models.BinaryField(null=True)),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="demandé le"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="phrase gardée jusqu’au")),
                (
                    "ended_at",
                    models.DateTimeField(null=True, verbose_name="terminé le"),
                ),
                (
                    "because",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "metier",
                                "Le mot est ici celui d’un métier, d’un secteur ou d’un service",
                            ),
                            (
                                "nom",
                                "Le mot est ici un nom de lieu, de structure ou de marque",
                            ),
                            (
                                "autre_sens",
                                "Le mot a ici un autre sens, sans rapport avec personne",
                            ),
                            ("numero", "Le nombre ou l’adresse n’identifie personne"),
                            ("dit", "La phrase le dit d’une personne"),
                            (
                                "laisse_entendre",
                                "La phrase le laisse entendre d’une personne",
                            ),
                            (
                                "blesse",
                                "La phrase juge une personne au lieu de dire un fait",
                            ),
                            (
                                "ailleurs",
                                "Cette information a sa place sur une fiche, non ici",
                            ),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                ("seen_at", models.DateTimeField(null=True, verbose_name="vu le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandeur",
                    ),
                ),
            ],
            options={
                "verbose_name": "avis demandé sur un texte",
                "verbose_name_plural": "avis demandés sur des textes",
                "ordering": ("-asked_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="SecondOpinionStep",
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
                (
                    "origin",
                    models.CharField(blank=True, max_length=20, verbose_name="de"),
                ),
                ("target", models.CharField(max_length=20, verbose_name="à")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "note",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="précisions"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "opinion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="support.secondopinion",
                        verbose_name="avis",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’un avis",
                "verbose_name_plural": "étapes des avis",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="secondopinion",
            index=models.Index(
                condition=models.Q(("state", "demande")),
                fields=["until"],
                name="opinions_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        ("sealed__isnull", False),
                        ("state", "demande"),
                    ),
                    models.Q(
                        models.Q(("state", "demande"), _negated=True),
                        ("ended_at__isnull", False),
                        ("sealed__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="sentence_goes_with_the_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("asked_at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("asked_at"),
                            "+",
                            models.Value(datetime.timedelta(days=3)),
                        ),
                    ),
                ),
                name="sentence_is_lent_for_72_hours_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("because", ""), ("state__in", ["demande", "sans_avis"])),
                    models.Q(
                        ("because__in", ("metier", "nom", "autre_sens", "numero")),
                        ("state", "regle_a_tort"),
                    ),
                    models.Q(
                        (
                            "because__in",
                            ("dit", "laisse_entendre", "blesse", "ailleurs"),
                        ),
                        ("state", "regle_a_raison"),
                    ),
                    _connector="OR",
                ),
                name="opinion_says_why",
                violation_error_message="Choisissez un motif qui va avec la réponse.",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondopinion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "demande")),
                fields=("account", "place"),
                name="one_question_at_a_time_for_a_field",
                violation_error_message="Vous avez déjà demandé un avis sur ce champ : attendez sa réponse.",
            ),
        ),
    ]
