"""Amendments: dated changes of a signed convention (art. 5.2)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_terms_as_signed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("propose", "à confirmer"),
                            ("confirme", "confirmé"),
                            ("abandonne", "abandonné"),
                        ],
                        default="propose",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="proposé le",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="confirmé le"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        max_length=60, verbose_name="référence de la notification"
                    ),
                ),
                (
                    "noticed_on",
                    models.DateField(
                        verbose_name="notification du directeur régional le"
                    ),
                ),
                ("effective_on", models.DateField(verbose_name="prend effet le")),
                (
                    "consultation",
                    models.BooleanField(
                        null=True, verbose_name="consultation des offres"
                    ),
                ),
                (
                    "referrals",
                    models.BooleanField(
                        null=True, verbose_name="délégation de la mise en relation"
                    ),
                ),
                (
                    "quota",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="comptes utilisateurs actifs"
                    ),
                ),
                (
                    "ends_on",
                    models.DateField(null=True, verbose_name="fin de la convention"),
                ),
                (
                    "ft_contact",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        verbose_name="correspondant France Travail",
                    ),
                ),
                (
                    "ft_contact_email",
                    models.EmailField(
                        blank=True,
                        max_length=254,
                        verbose_name="adresse électronique du correspondant France Travail",
                    ),
                ),
                (
                    "ft_contact_phone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        verbose_name="téléphone du correspondant France Travail",
                    ),
                ),
                (
                    "partner_contact",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        verbose_name="correspondant de la structure",
                    ),
                ),
                (
                    "partner_contact_email",
                    models.EmailField(
                        blank=True,
                        max_length=254,
                        verbose_name="adresse électronique du correspondant de la structure",
                    ),
                ),
                (
                    "partner_contact_phone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        verbose_name="téléphone du correspondant de la structure",
                    ),
                ),
                (
                    "was_quota",
                    models.PositiveSmallIntegerField(editable=False, null=True),
                ),
                ("was_ends_on", models.DateField(editable=False, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmé par",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "avenant",
                "ordering": ("-effective_on", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="letter",
            name="amendment",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="accounts.amendment",
                verbose_name="avenant",
            ),
        ),
        migrations.CreateModel(
            name="AmendmentStep",
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
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.amendment",
                        verbose_name="avenant",
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
                "verbose_name": "étape d’un avenant",
                "verbose_name_plural": "étapes d’un avenant",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("state", "confirme"),
                    ),
                    models.Q(
                        models.Q(("state", "confirme"), _negated=True),
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                    ),
                    _connector="OR",
                ),
                name="confirmed_amendment_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("quota__gt", models.F("was_quota")),
                        ("ends_on__lt", models.F("was_ends_on")),
                        _connector="OR",
                        _negated=True,
                    ),
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_hands_on_an_amendment",
                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("noticed_on__lte", models.F("effective_on"))),
                name="amendment_noticed_before_its_effect",
                violation_error_message="Un avenant ne prend pas effet avant la notification écrite du directeur régional (art. 5.2).",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None),
                    ("ends_on__gte", models.F("effective_on")),
                    _connector="OR",
                ),
                name="amendment_before_the_end_it_sets",
                violation_error_message="La nouvelle fin précède la date d’effet de l’avenant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("consultation__isnull", False),
                    ("referrals__isnull", False),
                    ("quota__isnull", False),
                    ("ends_on__isnull", False),
                    models.Q(("ft_contact", ""), _negated=True),
                    models.Q(("ft_contact_email", ""), _negated=True),
                    models.Q(("ft_contact_phone", ""), _negated=True),
                    models.Q(("partner_contact", ""), _negated=True),
                    models.Q(("partner_contact_email", ""), _negated=True),
                    models.Q(("partner_contact_phone", ""), _negated=True),
                    _connector="OR",
                ),
                name="amendment_changes_something",
                violation_error_message="Un avenant change au moins une chose.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["propose", "confirme", "abandonne"])),
                name="amendment_state_is_known",
            ),
        ),
    ]
