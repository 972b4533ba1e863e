"""Caseloads that go to colleagues: at once, or after a day (S39)."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_rules_in_sql"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseloadTransfer",
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
                            ("fait", "fait"),
                            ("arrete", "arrêté"),
                        ],
                        default="attente",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("people", models.PositiveIntegerField(verbose_name="personnes")),
                ("acts", models.PositiveIntegerField(verbose_name="actes en cours")),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="demandé le"
                    ),
                ),
                ("ready_at", models.DateTimeField(verbose_name="possible à partir du")),
                ("done_at", models.DateTimeField(null=True, verbose_name="fait le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="conseiller",
                    ),
                ),
                (
                    "acts_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personnes avec un acte en cours",
                    ),
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
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmé par",
                    ),
                ),
                (
                    "others_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="autres personnes",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfert de suivis",
                "verbose_name_plural": "transferts de suivis",
                "ordering": ("-asked_at",),
            },
        ),
        migrations.CreateModel(
            name="CaseloadTransferStep",
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
                    "origin",
                    models.CharField(blank=True, max_length=20, verbose_name="de"),
                ),
                ("target", models.CharField(max_length=20, verbose_name="à")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "note",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="précisions"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="referrals.caseloadtransfer",
                        verbose_name="transfert",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’un transfert de suivis",
                "verbose_name_plural": "étapes d’un transfert de suivis",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="caseloadtransfer",
            index=models.Index(
                condition=models.Q(("state", "attente")),
                fields=["ready_at"],
                name="transfer_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "attente")),
                fields=("account",),
                name="one_waiting_transfer",
                violation_error_message="Les personnes suivies par ce compte attendent déjà d’être confiées\xa0: annulez d’abord cette demande.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="transfer_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé le transfert doit le confirmer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("account", models.F("asked_by")), _negated=True),
                name="transfer_of_somebody_else",
                violation_error_message="On ne confie pas ses propres suivis.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "fait"), _negated=True),
                    ("done_at__gte", models.F("ready_at")),
                    models.Q(
                        ("confirmed_by__isnull", False), ("done_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="transfer_after_its_notice",
                violation_error_message="Ces personnes attendent 24 heures, sauf si une seconde personne confirme.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            ("acts_to__isnull", True),
                            models.Q(("acts_to", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        models.Q(
                            ("others_to__isnull", True),
                            models.Q(
                                ("others_to", models.F("asked_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                    ),
                    (
                        "ready_at__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("asked_at"),
                            "+",
                            models.Value(datetime.timedelta(days=1)),
                        ),
                    ),
                    _connector="OR",
                ),
                name="transfer_to_oneself_waits",
                violation_error_message="Confier des personnes à soi-même attend 24 heures.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acts_to__isnull", False),
                    ("others_to__isnull", False),
                    _connector="OR",
                ),
                name="transfer_goes_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["attente", "fait", "arrete"])),
                name="transfer_state_is_known",
            ),
        ),
    ]
