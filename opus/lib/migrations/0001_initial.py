"""The tables that lie under all apps, as the models say; the journal in SQL."""

import uuid

import django.contrib.postgres.fields
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

from opus.lib.database.migration_operations import CreateModels, run_sql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        run_sql(
            __file__,
            "journal_table",
            state_operations=[
                migrations.CreateModel(
                    name="AuditEntry",
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
                            "actor_id",
                            models.BigIntegerField(null=True, verbose_name="compte n°"),
                        ),
                        (
                            "actor",
                            models.CharField(
                                blank=True, max_length=40, verbose_name="identifiant"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="rôle"
                            ),
                        ),
                        (
                            "structure_id",
                            models.BigIntegerField(
                                null=True, verbose_name="structure n°"
                            ),
                        ),
                        (
                            "action",
                            models.CharField(max_length=40, verbose_name="action"),
                        ),
                        (
                            "target_type",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="objet"
                            ),
                        ),
                        (
                            "target_id",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="n° de l’objet"
                            ),
                        ),
                        (
                            "persons",
                            models.PositiveIntegerField(
                                default=0, verbose_name="candidats"
                            ),
                        ),
                        (
                            "person_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.UUIDField(), default=list
                            ),
                        ),
                        (
                            "far_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.UUIDField(), default=list
                            ),
                        ),
                        (
                            "session",
                            models.CharField(
                                blank=True, max_length=16, verbose_name="session"
                            ),
                        ),
                        (
                            "refused",
                            models.CharField(
                                blank=True,
                                max_length=200,
                                verbose_name="motif de refus",
                            ),
                        ),
                        (
                            "request_id",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="requête"
                            ),
                        ),
                        (
                            "ip",
                            models.GenericIPAddressField(
                                null=True, verbose_name="adresse"
                            ),
                        ),
                        (
                            "agent",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="navigateur"
                            ),
                        ),
                        (
                            "details",
                            models.JSONField(default=dict, verbose_name="précisions"),
                        ),
                    ],
                    options={
                        "verbose_name": "ligne du journal",
                        "verbose_name_plural": "journal",
                        "ordering": ("-at", "-pk"),
                    },
                )
            ],
        ),
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=60,
                                primary_key=True,
                                serialize=False,
                                verbose_name="contrôle",
                            ),
                        ),
                        (
                            "count",
                            models.PositiveIntegerField(
                                verbose_name="lignes en défaut"
                            ),
                        ),
                        (
                            "checked_at",
                            models.DateTimeField(verbose_name="contrôlé le"),
                        ),
                        (
                            "first_at",
                            models.DateTimeField(
                                null=True, verbose_name="en défaut depuis le"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contrôle de cohérence",
                        "verbose_name_plural": "contrôles de cohérence",
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="JobRun",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="tâche",
                            ),
                        ),
                        ("every", models.DurationField(verbose_name="toutes les")),
                        ("ended_at", models.DateTimeField(verbose_name="dernière fin")),
                        (
                            "error",
                            models.CharField(
                                blank=True,
                                max_length=60,
                                verbose_name="erreur du dernier essai",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "tâche de fond",
                        "verbose_name_plural": "tâches de fond",
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="KeptMail",
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
                        ("to", models.CharField(max_length=254, verbose_name="à")),
                        (
                            "subject",
                            models.CharField(max_length=200, verbose_name="objet"),
                        ),
                        ("text", models.TextField(verbose_name="texte")),
                    ],
                    options={
                        "verbose_name": "courriel de démonstration",
                        "verbose_name_plural": "courriels de démonstration",
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="PurgeRun",
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
                            "began_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="commencée le",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="finie le"),
                        ),
                        (
                            "counts",
                            models.JSONField(
                                default=dict, verbose_name="supprimé ou effacé"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "purge des données personnelles",
                        "verbose_name_plural": "purges des données personnelles",
                        "ordering": ("-began_at",),
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
                                default=django.utils.timezone.localdate,
                                verbose_name="le",
                            ),
                        ),
                        (
                            "account_id",
                            models.BigIntegerField(null=True, verbose_name="compte n°"),
                        ),
                        (
                            "place",
                            models.CharField(max_length=80, verbose_name="champ"),
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
                                    (
                                        "difficultes",
                                        "des difficultés sociales ou personnelles",
                                    ),
                                    ("injure", "un jugement blessant"),
                                    ("nir", "un numéro de sécurité sociale"),
                                    ("iban", "un numéro de compte bancaire"),
                                    ("telephone", "un numéro de téléphone"),
                                    ("courriel", "une adresse de courriel"),
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
                            models.PositiveIntegerField(
                                verbose_name="version des règles"
                            ),
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
                    name="Instance",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "mark",
                            models.CharField(max_length=300, verbose_name="marque"),
                        ),
                        (
                            "since",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="depuis le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "instance",
                        "verbose_name_plural": "instances",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="one_instance_only"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxEntry",
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
                            "effect",
                            models.CharField(max_length=60, verbose_name="effet"),
                        ),
                        ("key", models.CharField(max_length=120, verbose_name="clé")),
                        (
                            "arguments",
                            models.JSONField(default=dict, verbose_name="identifiants"),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="demandé le",
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="prochain essai",
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais manqués"
                            ),
                        ),
                        (
                            "error",
                            models.CharField(
                                blank=True,
                                max_length=60,
                                verbose_name="dernière erreur",
                            ),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(null=True, verbose_name="parti le"),
                        ),
                        (
                            "dropped_at",
                            models.DateTimeField(
                                null=True, verbose_name="sans objet depuis le"
                            ),
                        ),
                        (
                            "given_up_at",
                            models.DateTimeField(
                                null=True, verbose_name="abandonné le"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "envoi",
                        "ordering": ("-created_at",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("dropped_at__isnull", True),
                                    ("given_up_at__isnull", True),
                                    ("sent_at__isnull", True),
                                ),
                                fields=["next_attempt_at", "created_at"],
                                name="outbox_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("effect", "key"), name="one_effect_for_each_key"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("dropped_at__isnull", True),
                                        ("sent_at__isnull", True),
                                    ),
                                    models.Q(
                                        ("given_up_at__isnull", True),
                                        ("sent_at__isnull", True),
                                    ),
                                    models.Q(
                                        ("dropped_at__isnull", True),
                                        ("given_up_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="effect_has_one_end",
                            ),
                        ],
                    },
                ),
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
                        (
                            "place",
                            models.CharField(max_length=80, verbose_name="champ"),
                        ),
                        (
                            "target_id",
                            models.CharField(
                                max_length=60, verbose_name="n° de l’objet"
                            ),
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
                                    (
                                        "difficultes",
                                        "des difficultés sociales ou personnelles",
                                    ),
                                    ("injure", "un jugement blessant"),
                                    ("nir", "un numéro de sécurité sociale"),
                                    ("iban", "un numéro de compte bancaire"),
                                    ("telephone", "un numéro de téléphone"),
                                    ("courriel", "une adresse de courriel"),
                                    ("identifiant", "un identifiant France Travail"),
                                ],
                                max_length=20,
                                verbose_name="sujet",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                verbose_name="version des règles"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "texte à reprendre",
                        "verbose_name_plural": "textes à reprendre",
                        "ordering": ("-at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("place", "target_id", "category"),
                                name="one_finding_by_text_and_category",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
