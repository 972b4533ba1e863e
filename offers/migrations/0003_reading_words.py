"""Names of jobs, everyday words, words that found nothing."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [("offers", "0002_rules")]

    operations = [
        run_sql(__file__, "job_names"),
        migrations.CreateModel(
            name="MissedWord",
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
                    "words",
                    models.CharField(max_length=80, unique=True, verbose_name="mots"),
                ),
                (
                    "on",
                    models.DateField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
            ],
            options={
                "verbose_name": "mot sans réponse",
                "verbose_name_plural": "mots sans réponse",
                "ordering": ("-on", "words"),
            },
        ),
        migrations.CreateModel(
            name="EverydayWord",
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
                    "version",
                    models.PositiveIntegerField(
                        db_default=1, default=1, editable=False
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="Comme on les dit\xa0: ancien nom, abréviation, mot familier. Majuscules, accents et pluriels ne comptent pas.",
                        max_length=80,
                        verbose_name="mots",
                    ),
                ),
                (
                    "trades",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5),
                        help_text="De un à cinq codes, séparés par des virgules\xa0: K1304, K2204.",
                        size=5,
                        verbose_name="codes ROME",
                    ),
                ),
                (
                    "key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("words"),
                            function="opus_name_key",
                            output_field=models.TextField(),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "mot courant",
                "verbose_name_plural": "mots courants",
                "ordering": ("words",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key",),
                        name="one_everyday_word_by_key",
                        violation_error_message="Ces mots sont déjà dans la liste.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        name="everyday_word_says_something",
                        violation_error_message="Ces mots sont trop courants pour être reconnus.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobName",
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
                ("key", models.TextField(verbose_name="radicaux")),
                ("rome_code", models.CharField(max_length=5, verbose_name="code ROME")),
                ("offers", models.PositiveIntegerField(verbose_name="offres")),
                ("share", models.FloatField(verbose_name="part")),
                ("is_label", models.BooleanField(verbose_name="libellé")),
            ],
            options={
                "verbose_name": "nom de métier appris",
                "verbose_name_plural": "noms de métier appris",
                "ordering": ("key", "-share"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "rome_code"),
                        name="one_row_by_job_name_and_trade",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Miss",
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
                ("words_hash", models.BinaryField(max_length=32)),
                ("account_hash", models.BinaryField(max_length=32)),
                (
                    "on",
                    models.DateField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
            ],
            options={
                "verbose_name": "recherche sans réponse",
                "verbose_name_plural": "recherches sans réponse",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("words_hash", "account_hash"),
                        name="one_miss_by_account",
                    )
                ],
            },
        ),
        raise_version("offers_everydayword"),
    ]
