"""A change of how somebody reaches an account, and its stop (S11, ADR 8)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0040_account_corrections_are_evidence")]

    operations = [
        migrations.CreateModel(
            name="SecurityEvent",
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
                            ("adresse", "adresse électronique changée"),
                            ("facteur_ajoute", "second facteur ajouté"),
                            ("facteur_supprime", "second facteur supprimé"),
                            ("codes", "codes de secours renouvelés"),
                            ("remise_a_zero", "seconds facteurs remis à zéro"),
                            ("premier_acces", "nouveau premier accès préparé"),
                            ("mot_de_passe", "mot de passe changé"),
                            ("lien", "lien pour changer de mot de passe demandé"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="le"
                    ),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(
                        null=True, verbose_name="arrêté par le titulaire le"
                    ),
                ),
                (
                    "settled_at",
                    models.DateTimeField(null=True, verbose_name="compte réactivé le"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="security_events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "address_change",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.addresschange",
                        verbose_name="changement d’adresse",
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
            ],
            options={
                "verbose_name": "changement d’accès",
                "verbose_name_plural": "changements d’accès",
                "ordering": ("at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "adresse",
                                    "facteur_ajoute",
                                    "facteur_supprime",
                                    "codes",
                                    "remise_a_zero",
                                    "premier_acces",
                                    "mot_de_passe",
                                    "lien",
                                ],
                            )
                        ),
                        name="security_event_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "adresse"),
                            ("address_change__isnull", True),
                            _connector="OR",
                        ),
                        name="security_event_has_its_address_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_at__isnull", True),
                            ("stopped_at__isnull", False),
                            _connector="OR",
                        ),
                        name="security_event_settled_after_its_stop",
                    ),
                ],
            },
        )
    ]
