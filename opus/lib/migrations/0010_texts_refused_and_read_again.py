"""What the guard of free texts refused, and what it finds in old ones (V4, V5)."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0009_names_of_sendings"),
    ]

    operations = [
        migrations.CreateModel(
            name="WordingRefusal",
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
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "account_id",
                    models.BigIntegerField(null=True, verbose_name="compte n°"),
                ),
                ("place", models.CharField(max_length=80, verbose_name="champ")),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("origine", "l’origine d’une personne"),
                            ("politique", "les opinions politiques"),
                            ("convictions", "la religion ou les convictions"),
                            ("syndicat", "l’appartenance syndicale"),
                            ("sante", "la santé ou le handicap"),
                            ("vie_sexuelle", "la vie sexuelle"),
                            ("difficultes", "des difficultés sociales ou personnelles"),
                            ("injure", "un jugement blessant"),
                            ("nir", "un numéro de sécurité sociale"),
                            ("iban", "un numéro de compte bancaire"),
                            ("telephone", "un numéro de téléphone"),
                            ("courriel", "une adresse électronique"),
                        ],
                        max_length=20,
                        verbose_name="sujet",
                    ),
                ),
            ],
            options={
                "verbose_name": "texte refusé",
                "verbose_name_plural": "textes refusés",
                "ordering": ("-at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="WordingScan",
            fields=[
                (
                    "fingerprint",
                    models.CharField(
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                        verbose_name="empreinte",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(verbose_name="version des règles"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="relu le",
                    ),
                ),
            ],
            options={
                "verbose_name": "relecture des textes",
                "verbose_name_plural": "relectures des textes",
                "ordering": ("-ended_at",),
            },
        ),
        migrations.CreateModel(
            name="WordingFinding",
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
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="trouvé le",
                    ),
                ),
                ("place", models.CharField(max_length=80, verbose_name="champ")),
                (
                    "target_id",
                    models.CharField(max_length=60, verbose_name="n° de l’objet"),
                ),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("origine", "l’origine d’une personne"),
                            ("politique", "les opinions politiques"),
                            ("convictions", "la religion ou les convictions"),
                            ("syndicat", "l’appartenance syndicale"),
                            ("sante", "la santé ou le handicap"),
                            ("vie_sexuelle", "la vie sexuelle"),
                            ("difficultes", "des difficultés sociales ou personnelles"),
                            ("injure", "un jugement blessant"),
                            ("nir", "un numéro de sécurité sociale"),
                            ("iban", "un numéro de compte bancaire"),
                            ("telephone", "un numéro de téléphone"),
                            ("courriel", "une adresse électronique"),
                        ],
                        max_length=20,
                        verbose_name="sujet",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(verbose_name="version des règles"),
                ),
            ],
            options={
                "verbose_name": "texte à reprendre",
                "verbose_name_plural": "textes à reprendre",
                "ordering": ("-at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "target_id", "family"),
                        name="one_finding_by_text_and_subject",
                    )
                ],
            },
        ),
    ]
