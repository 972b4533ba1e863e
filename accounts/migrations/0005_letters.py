"""The letters that the convention asks for (art. 4.1, 4.3, 5.2, 12)."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_totp_without_drift"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
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
                            ("attente", "en préparation"),
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
                ("html", models.TextField(editable=False)),
                (
                    "html_sha256",
                    models.CharField(
                        editable=False, max_length=64, verbose_name="empreinte"
                    ),
                ),
                ("pdf", models.BinaryField(null=True)),
                (
                    "pdf_sha256",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=64,
                        verbose_name="empreinte du PDF",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
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
                            (
                                "imprimante",
                                "l’outil d’impression manque sur le serveur",
                            ),
                            ("duree", "la mise en page a pris trop de temps"),
                            ("panne", "la mise en page a échoué"),
                        ],
                        db_default="",
                        max_length=10,
                        verbose_name="cause de l’échec",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("preavis", "préavis de fin de convention (art. 12)"),
                            ("manquements", "manquements notifiés (art. 12)"),
                            ("maintien", "décision maintenue (art. 12)"),
                            ("levee", "procédure abandonnée (art. 12)"),
                            ("resiliation", "résiliation (art. 12)"),
                            ("avenant", "avenant (art. 5.2)"),
                            ("rgc_accord", "accord sur le RGC (art. 4.1)"),
                            ("rgc_refus", "refus du RGC (art. 4.1)"),
                            ("rgc_retrait", "retrait de l’agrément du RGC (art. 4.3)"),
                            ("rgc_vacance", "poste de RGC vacant (art. 4.3)"),
                        ],
                        max_length=20,
                        verbose_name="objet",
                    ),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        editable=False, verbose_name="rang"
                    ),
                ),
                (
                    "addressee",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        editable=False,
                        verbose_name="destinataire",
                    ),
                ),
                (
                    "carrier",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "laposte",
                                "La Poste (13 caractères, par exemple RK 123 456 785 FR)",
                            ),
                            (
                                "autre",
                                "autre format (recommandé électronique, autre opérateur)",
                            ),
                        ],
                        max_length=10,
                        verbose_name="format du numéro",
                    ),
                ),
                (
                    "registered_number",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="n°\xa0de recommandé"
                    ),
                ),
                (
                    "posted_on",
                    models.DateField(blank=True, null=True, verbose_name="postée le"),
                ),
                (
                    "received_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="présentée le"
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="préparée par",
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.nomination",
                        verbose_name="nomination",
                    ),
                ),
            ],
            options={
                "verbose_name": "lettre",
                "ordering": ("-created_at",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "attente")),
                        fields=["next_attempt_at"],
                        name="letter_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("convention", "rank"), name="one_letter_by_rank"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("registered_number", ""), _negated=True),
                        fields=("registered_number",),
                        name="one_letter_by_registered_number",
                        violation_error_message="Ce numéro de recommandé est déjà celui d’une autre lettre\xa0: vérifiez le bordereau.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("carrier", ""),
                                ("posted_on", None),
                                ("registered_number", ""),
                            ),
                            models.Q(
                                ("carrier__in", ["laposte", "autre"]),
                                ("posted_on__isnull", False),
                                models.Q(("registered_number", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="posted_letter_has_its_number",
                        violation_error_message="Une lettre postée porte sa date et son numéro de recommandé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_on", None),
                            ("received_on__gte", models.F("posted_on")),
                            _connector="OR",
                        ),
                        name="letter_received_after_it_is_posted",
                        violation_error_message="La lettre ne peut pas être présentée avant d’être postée.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("carrier", "laposte"), _negated=True),
                            ("registered_number__regex", "^[A-Z]{2}\\d{9}[A-Z]{2}$"),
                            _connector="OR",
                        ),
                        name="registered_number_of_la_poste",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "pret"), _negated=True),
                            models.Q(
                                ("pdf__isnull", False), ("ready_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="ready_letter_has_its_pdf",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "preavis",
                                    "manquements",
                                    "maintien",
                                    "levee",
                                    "resiliation",
                                    "avenant",
                                    "rgc_accord",
                                    "rgc_refus",
                                    "rgc_retrait",
                                    "rgc_vacance",
                                ],
                            )
                        ),
                        name="letter_kind_is_known",
                    ),
                ],
            },
        ),
    ]
