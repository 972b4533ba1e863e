"""Print jobs: several documents in one PDF, kept a day."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import opus.lib.making


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0020_guard_of_consents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintedDocument",
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
                ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="printed_in",
                        to="referrals.document",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "document d’une impression",
                "verbose_name_plural": "documents d’une impression",
                "ordering": ("job", "rank"),
            },
        ),
        migrations.CreateModel(
            name="PrintJob",
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
                            ("attente", "en attente"),
                            ("en_cours", "en préparation"),
                            ("pret", "prêt"),
                            ("echec", "échec"),
                            ("annule", "annulé"),
                        ],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="demandé le",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=opus.lib.making.in_a_day, verbose_name="gardé jusqu’au"
                    ),
                ),
                (
                    "rows_done",
                    models.PositiveIntegerField(
                        default=0, verbose_name="lignes écrites"
                    ),
                ),
                (
                    "rows_total",
                    models.PositiveIntegerField(
                        null=True, verbose_name="lignes à écrire"
                    ),
                ),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField(null=True, verbose_name="taille")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="essais"),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="prochain essai",
                    ),
                ),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("droits", "vos droits ont changé depuis votre demande"),
                            ("duree", "la préparation a pris trop de temps"),
                            ("panne", "la préparation s’est arrêtée"),
                        ],
                        db_default="",
                        max_length=10,
                        verbose_name="cause de l’échec",
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, verbose_name="clé"
                    ),
                ),
                (
                    "held",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="contenu du fichier"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="print_jobs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "documents",
                    models.ManyToManyField(
                        through="referrals.PrintedDocument",
                        to="referrals.document",
                        verbose_name="documents",
                    ),
                ),
            ],
            options={
                "verbose_name": "impression",
                "ordering": ("-asked_at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="printeddocument",
            name="job",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="referrals.printjob",
                verbose_name="impression",
            ),
        ),
        migrations.AddIndex(
            model_name="printjob",
            index=models.Index(
                condition=models.Q(("state__in", ["attente", "en_cours"])),
                fields=["next_attempt_at"],
                name="print_job_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.UniqueConstraint(
                fields=("account", "key"), name="one_print_job_by_gesture"
            ),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["attente", "en_cours", "pret", "echec", "annule"])
                ),
                name="print_job_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", False), ("state", "pret")),
                    models.Q(
                        models.Q(("state", "pret"), _negated=True),
                        ("content__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="print_job_is_ready_with_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="printeddocument",
            constraint=models.UniqueConstraint(
                fields=("job", "document"), name="a_document_once_in_a_print_job"
            ),
        ),
        migrations.AddConstraint(
            model_name="printeddocument",
            constraint=models.UniqueConstraint(
                fields=("job", "rank"), name="one_document_by_rank_of_a_print_job"
            ),
        ),
    ]
