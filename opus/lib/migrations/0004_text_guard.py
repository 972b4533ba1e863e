"""What the guard of free texts refused, let pass and found."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lib", "0003_number_of_changes")]

    operations = [
        migrations.CreateModel(
            name="TextFinding",
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
                    "category",
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
                            ("identifiant", "un identifiant France Travail"),
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
            },
        ),
        migrations.CreateModel(
            name="TextGuardCount",
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
                    "on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="le"
                    ),
                ),
                (
                    "account_id",
                    models.BigIntegerField(null=True, verbose_name="compte n°"),
                ),
                ("place", models.CharField(max_length=80, verbose_name="champ")),
                (
                    "category",
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
                            ("identifiant", "un identifiant France Travail"),
                        ],
                        max_length=20,
                        verbose_name="sujet",
                    ),
                ),
                (
                    "is_passed",
                    models.BooleanField(default=False, verbose_name="confirmé"),
                ),
            ],
            options={
                "verbose_name": "texte refusé ou confirmé",
                "verbose_name_plural": "textes refusés ou confirmés",
                "ordering": ("-on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="TextScan",
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
        migrations.RemoveConstraint(
            model_name="wordingfinding", name="one_finding_by_text_and_subject"
        ),
        migrations.DeleteModel(name="WordingFinding"),
        migrations.DeleteModel(name="WordingRefusal"),
        migrations.DeleteModel(name="WordingScan"),
        migrations.AddConstraint(
            model_name="textfinding",
            constraint=models.UniqueConstraint(
                fields=("place", "target_id", "category"),
                name="one_finding_by_text_and_category",
            ),
        ),
    ]
