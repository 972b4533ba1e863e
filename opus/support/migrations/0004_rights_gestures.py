"""What was done for a request, the offers of an employer, letters (art. 10)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0003_rights_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="rightsrequest",
            name="refused_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("identite", "L’identité n’a pas pu être établie"),
                    (
                        "infondee",
                        "Demande manifestement infondée ou excessive (art. 12.5)",
                    ),
                    (
                        "obligation",
                        "Obligation légale de conserver (art. 17.3 et 18.2)",
                    ),
                    ("autrui", "Atteinte aux droits d’autres personnes (art. 15.4)"),
                    (
                        "exactes",
                        "Les données sont exactes et complètes (RGPD, art. 16)",
                    ),
                    ("hors_cas", "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)"),
                    ("imperieux", "Motifs impérieux, ou sécurité (RGPD, art. 21.1)"),
                ],
                editable=False,
                max_length=20,
                verbose_name="motif du refus",
            ),
        ),
        migrations.CreateModel(
            name="ConcernedOffer",
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
                ("offer", models.CharField(max_length=20, verbose_name="n° d’offre")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="support.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "offre concernée par une demande",
                "verbose_name_plural": "offres concernées par une demande",
                "ordering": ("offer",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "offer"), name="offer_concerned_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="établi le",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
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
                            (
                                "imprimante",
                                "l’outil d’impression manque sur le serveur",
                            ),
                            ("duree", "la préparation a pris trop de temps"),
                            ("panne", "la préparation s’est arrêtée"),
                        ],
                        db_default="",
                        max_length=10,
                        verbose_name="cause de l’échec",
                    ),
                ),
                ("html", models.TextField(editable=False)),
                (
                    "html_sha256",
                    models.CharField(
                        editable=False, max_length=64, verbose_name="empreinte"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accordee", "demande accordée"),
                            ("en_partie", "demande accordée en partie"),
                            ("refusee", "demande refusée"),
                            ("prolongee", "délai prolongé"),
                            ("levee", "limitation levée"),
                        ],
                        max_length=20,
                        verbose_name="objet",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="préparée par",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="support.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "lettre de réponse",
                "verbose_name_plural": "lettres de réponse",
                "ordering": ("-created_at", "pk"),
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["attente", "en_cours"])),
                        fields=["next_attempt_at"],
                        name="reply_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["attente", "en_cours", "pret", "echec", "annule"],
                            )
                        ),
                        name="reply_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "pret"), _negated=True),
                            models.Q(
                                ("content__isnull", False), ("ready_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="reply_is_ready_with_its_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "accordee",
                                    "en_partie",
                                    "refusee",
                                    "prolongee",
                                    "levee",
                                ],
                            )
                        ),
                        name="reply_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RightsGesture",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("copie", "copie des données téléchargée"),
                            ("rectification", "données rectifiées"),
                            ("effacement", "données effacées"),
                            ("limitation", "données gelées"),
                            ("opposition", "traitement arrêté"),
                            (
                                "transmission",
                                "demande transmise à l’émetteur des offres",
                            ),
                            ("rien", "aucune donnée dans Opus"),
                            ("levee", "limitation levée"),
                        ],
                        max_length=20,
                        verbose_name="geste",
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("accordee", "accordée"),
                            ("en_partie", "accordée en partie"),
                        ],
                        max_length=20,
                        verbose_name="réponse",
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identite", "L’identité n’a pas pu être établie"),
                            (
                                "infondee",
                                "Demande manifestement infondée ou excessive (art. 12.5)",
                            ),
                            (
                                "obligation",
                                "Obligation légale de conserver (art. 17.3 et 18.2)",
                            ),
                            (
                                "autrui",
                                "Atteinte aux droits d’autres personnes (art. 15.4)",
                            ),
                            (
                                "exactes",
                                "Les données sont exactes et complètes (RGPD, art. 16)",
                            ),
                            (
                                "hors_cas",
                                "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)",
                            ),
                            (
                                "imperieux",
                                "Motifs impérieux, ou sécurité (RGPD, art. 21.1)",
                            ),
                        ],
                        max_length=20,
                        verbose_name="motif de ce qui est refusé",
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="en nombres")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gestures",
                        to="support.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "geste d’une demande de droits",
                "verbose_name_plural": "gestes des demandes de droits",
                "ordering": ("at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "copie",
                                    "rectification",
                                    "effacement",
                                    "limitation",
                                    "opposition",
                                    "transmission",
                                    "rien",
                                    "levee",
                                ],
                            )
                        ),
                        name="gesture_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "accordee"), ("because", "")),
                            models.Q(
                                ("answer", "en_partie"),
                                (
                                    "because__in",
                                    [
                                        "identite",
                                        "infondee",
                                        "obligation",
                                        "autrui",
                                        "exactes",
                                        "hors_cas",
                                        "imperieux",
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="gesture_in_part_with_its_reason",
                        violation_error_message="Ce qui n’est accordé qu’en partie a un motif, qui se dit à la personne.",
                    ),
                ],
            },
        ),
        run_sql(
            __file__,
            "rights_gestures",
            reverse_sql="""
            DROP TRIGGER support_personfile_not_refused ON support_personfile;
            DROP TRIGGER support_concernedoffer_of_its_kind ON support_concernedoffer;
            DROP TRIGGER support_reply_frozen ON support_reply;
            DROP TRIGGER support_rightsgesture_stays ON support_rightsgesture;
            DROP TRIGGER support_rightsgesture_frozen ON support_rightsgesture;
            DROP TRIGGER support_rightsgesture_fits ON support_rightsgesture;
            DROP TRIGGER support_rightsrequest_done ON support_rightsrequest;
            DROP FUNCTION opus_no_copy_once_refused();
            DROP FUNCTION opus_concern_offers();
            DROP FUNCTION opus_gesture_fits();
            DROP FUNCTION opus_answer_what_was_done();
            DROP FUNCTION opus_answered_by(text, text);
            """,
        ),
    ]
