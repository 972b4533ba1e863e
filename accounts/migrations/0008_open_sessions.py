"""The sessions that their holder may see and close (S15, S16)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ENDS = [
    ("deconnexion", "déconnexion"),
    ("delai", "délai dépassé"),
    ("remplacee", "nouvelle connexion sur le même appareil"),
    ("plafond", "plus de deux sessions à la fois"),
    ("fermee", "fermée par le titulaire"),
    ("france_travail", "fermée par France Travail"),
    ("coupee", "mot de passe, second facteur ou compte changé"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_counters_of_uses")]

    operations = [
        migrations.CreateModel(
            name="OpenSession",
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
                    "key_hash",
                    models.CharField(editable=False, max_length=40, unique=True),
                ),
                ("stamp", models.CharField(editable=False, max_length=64)),
                ("device", models.CharField(editable=False, max_length=64)),
                (
                    "browser",
                    models.CharField(max_length=60, verbose_name="navigateur"),
                ),
                (
                    "network",
                    models.CharField(blank=True, max_length=43, verbose_name="réseau"),
                ),
                ("began_at", models.DateTimeField(verbose_name="ouverte le")),
                (
                    "seen_at",
                    models.DateTimeField(verbose_name="dernière utilisation"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(null=True, verbose_name="fermée le"),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True, choices=ENDS, max_length=20, verbose_name="fin"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "ordering": ("-seen_at",),
                "indexes": [
                    models.Index(fields=["account", "device"], name="session_of_device")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(ended_at__isnull=True, how="")
                        | models.Q(
                            ended_at__isnull=False, how__in=[end for end, _ in ENDS]
                        ),
                        name="ended_session_says_how",
                    )
                ],
            },
        ),
    ]
