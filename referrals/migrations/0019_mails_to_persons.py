"""Consents to e-mails, and the documents that were mailed."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0018_guards_of_stand_ins"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailConsent",
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
                ("given_on", models.DateField(verbose_name="donné le")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("personne", "de vive voix, en personne"),
                            ("ecrit", "par écrit"),
                            ("telephone", "par téléphone"),
                        ],
                        max_length=10,
                        verbose_name="donné",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="enregistré le",
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(null=True, verbose_name="retiré le"),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_consents",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistré par",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="retiré par",
                    ),
                ),
            ],
            options={
                "verbose_name": "accord pour les courriels",
                "verbose_name_plural": "accords pour les courriels",
                "ordering": ("-recorded_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="DocumentMail",
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
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="demandé le",
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        max_length=64, unique=True, verbose_name="empreinte du lien"
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(verbose_name="lien valable jusqu’au"),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="parti le")),
                (
                    "closed_at",
                    models.DateTimeField(null=True, verbose_name="lien fermé le"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandé par",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="referrals.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="referrals.mailconsent",
                        verbose_name="accord",
                    ),
                ),
            ],
            options={
                "verbose_name": "document envoyé par courriel",
                "verbose_name_plural": "documents envoyés par courriel",
                "ordering": ("-asked_at", "pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="mailconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("candidate",),
                name="one_live_mail_consent",
                violation_error_message="L’accord de cette personne est déjà enregistré.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["personne", "ecrit", "telephone"])),
                name="consent_way_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", False),
                    ("withdrawn_by__isnull", True),
                    _connector="OR",
                ),
                name="consent_is_withdrawn_at_an_instant",
            ),
        ),
    ]
