"""The offers feed: batches, events seen, kept and rejected."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0005_signs_of_trades")]

    operations = [
        migrations.CreateModel(
            name="PendingOffer",
            fields=[
                (
                    "reference",
                    models.CharField(
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                        verbose_name="n° d’offre",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("suspendue", "suspendue"),
                            ("annulee", "annulée"),
                            ("pourvue", "pourvue"),
                            ("absente", "absente de la source"),
                        ],
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                (
                    "state_sequence",
                    models.DecimalField(
                        decimal_places=0, max_digits=38, verbose_name="n° d’ordre"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="depuis",
                    ),
                ),
            ],
            options={
                "verbose_name": "offre sans contenu",
                "verbose_name_plural": "offres sans contenu",
                "ordering": ("at", "reference"),
            },
        ),
        migrations.CreateModel(
            name="EventQuarantine",
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
                ("raw", models.TextField(verbose_name="texte reçu")),
                (
                    "is_cut",
                    models.BooleanField(default=False, verbose_name="texte coupé"),
                ),
                (
                    "fingerprint",
                    models.CharField(editable=False, max_length=64, unique=True),
                ),
                (
                    "event_id",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="évènement"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="n° d’offre"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="motif")),
                (
                    "first_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="reçu le",
                    ),
                ),
                (
                    "last_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="vu la dernière fois",
                    ),
                ),
                ("times", models.PositiveIntegerField(default=1, verbose_name="fois")),
                (
                    "settled_at",
                    models.DateTimeField(null=True, verbose_name="réglé le"),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="résultat"
                    ),
                ),
            ],
            options={
                "verbose_name": "évènement rejeté",
                "verbose_name_plural": "évènements rejetés",
                "ordering": ("-last_at", "pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)),
                        fields=["-last_at"],
                        name="event_quarantine_waiting",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedDelivery",
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
                    "channel",
                    models.CharField(
                        choices=[("evenements", "évènements"), ("releve", "relève")],
                        max_length=12,
                        verbose_name="voie",
                    ),
                ),
                (
                    "key",
                    models.CharField(max_length=64, verbose_name="empreinte du lot"),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="reçu le",
                    ),
                ),
                (
                    "received",
                    models.PositiveIntegerField(default=0, verbose_name="évènements"),
                ),
                (
                    "applied",
                    models.PositiveIntegerField(default=0, verbose_name="appliqués"),
                ),
                (
                    "ignored",
                    models.PositiveIntegerField(default=0, verbose_name="ignorés"),
                ),
                (
                    "rejected",
                    models.PositiveIntegerField(default=0, verbose_name="rejetés"),
                ),
                (
                    "lag_seconds",
                    models.FloatField(null=True, verbose_name="retard (s)"),
                ),
            ],
            options={
                "verbose_name": "lot du flux",
                "verbose_name_plural": "flux des offres",
                "ordering": ("-received_at", "-pk"),
                "indexes": [
                    models.Index(fields=["-received_at"], name="delivery_last")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "key"), name="one_delivery_by_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedEvent",
            fields=[
                (
                    "event_id",
                    models.CharField(
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                        verbose_name="évènement",
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=20, verbose_name="n° d’offre"),
                ),
                (
                    "sequence",
                    models.DecimalField(
                        decimal_places=0, max_digits=38, verbose_name="n° d’ordre"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("creee", "créée"),
                            ("modifiee", "modifiée"),
                            ("suspendue", "suspendue"),
                            ("reactivee", "réactivée"),
                            ("annulee", "annulée"),
                            ("pourvue", "pourvue"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="reçu le",
                    ),
                ),
            ],
            options={
                "verbose_name": "évènement reçu",
                "verbose_name_plural": "évènements reçus",
                "ordering": ("-received_at", "event_id"),
                "indexes": [models.Index(fields=["received_at"], name="event_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reference", "sequence"), name="one_event_by_sequence"
                    )
                ],
            },
        ),
    ]
