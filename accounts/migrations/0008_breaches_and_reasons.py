"""Reasons, signatures and the month of article 12."""

import datetime

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.agreements.models.terminations
from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_rgc_changes")]

    operations = [
        migrations.RemoveConstraint(
            model_name="breach", name="breach_within_the_years"
        ),
        migrations.RemoveConstraint(
            model_name="breach", name="breach_is_notified_first"
        ),
        migrations.RemoveConstraint(model_name="breach", name="breach_is_known"),
        migrations.RemoveConstraint(
            model_name="ending", name="france_travail_gives_a_month_at_most"
        ),
        migrations.RemoveConstraint(model_name="ending", name="ending_is_known"),
        migrations.AddField(
            model_name="breach",
            name="observations_file",
            field=models.BinaryField(
                blank=True, null=True, verbose_name="observations (PDF)"
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="observations_reference",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=60,
                verbose_name="référence des observations",
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="other_obligation",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=300,
                verbose_name="autre obligation",
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="presented_on",
            field=models.DateField(null=True, verbose_name="lettre présentée le"),
        ),
        migrations.AddField(
            model_name="breach",
            name="signed_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="signé le"
            ),
        ),
        migrations.AddField(
            model_name="breach",
            name="signed_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="signé par",
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="motive",
            field=models.CharField(
                blank=True, db_default="", max_length=300, verbose_name="motif"
            ),
        ),
        migrations.AlterField(
            model_name="breach",
            name="reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("partage", "Comptes prêtés ou partagés (art. 5.1)"),
                        (
                            "comptes",
                            "Comptes non fermés après un départ ou une absence (art. 4.2)",
                        ),
                        (
                            "vacance",
                            "Départ du RGC non signalé sous huit jours (art. 4.3)",
                        ),
                        ("offres", "Offres modifiées ou rediffusées (art. 7 et 9)"),
                        ("documents", "Documents non remis aux candidats (art. 7)"),
                        (
                            "usage",
                            "Usage d’Opus hors de la convention ou de ses annexes (art. 7)",
                        ),
                        (
                            "loi_donnees",
                            "Loi du 6 janvier 1978 sur les données personnelles non respectée (art. 7)",
                        ),
                        (
                            "cession",
                            "Accès ou données cédés, ou liens établis (art. 9)",
                        ),
                        ("inegalite", "Candidats traités de façon inégale (art. 9.1)"),
                        (
                            "mentions",
                            "Mentions interdites sur des personnes (art. 9.1)",
                        ),
                        (
                            "donnees",
                            "Données utilisées ou communiquées à d’autres fins (art. 9.2)",
                        ),
                        (
                            "confidentialite",
                            "Informations confidentielles révélées (art. 9.2)",
                        ),
                        (
                            "autre",
                            "Autre obligation de la convention, de la loi ou des règlements",
                        ),
                        (
                            "caducite",
                            "Condition de la loi ou des règlements devenue caduque (art. 12)",
                        ),
                    ],
                    max_length=20,
                ),
                verbose_name="motifs",
            ),
        ),
        migrations.AlterField(
            model_name="breach",
            name="state",
            field=models.CharField(
                choices=[
                    ("propose", "à signer par une seconde personne"),
                    ("ouvert", "lettre à poster"),
                    ("notifie", "manquements notifiés"),
                    ("observe", "observations reçues"),
                    ("maintenu", "décision maintenue"),
                    ("resilie", "convention résiliée"),
                    ("leve", "procédure abandonnée"),
                ],
                default="propose",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="ending",
            name="origin",
            field=models.CharField(
                choices=[
                    ("structure", "la structure (préavis d’un mois)"),
                    (
                        "service",
                        "France Travail, pour les besoins du service (un mois au plus)",
                    ),
                    (
                        "decision",
                        "France Travail, une décision administrative l’empêche de fournir Opus (un mois au plus)",
                    ),
                    ("france_travail", "France Travail (un mois au plus)"),
                    ("accord", "les deux parties, d’un commun accord"),
                    ("partenariat", "fin de la convention de partenariat"),
                    ("manquement", "France Travail, manquements maintenus"),
                ],
                max_length=20,
                verbose_name="à la demande de",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "notified_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "observed_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "presented_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "upheld_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="breach_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("propose", "ouvert", "notifie", "observe", "maintenu"),
                    )
                ),
                expressions=[("convention", "=")],
                name="one_breach_at_a_time",
                violation_error_message="Une procédure pour manquement est déjà en "
                "cours pour cette convention.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["propose", "ouvert", "leve"]),
                    ("notified_on__isnull", False),
                    _connector="OR",
                ),
                name="breach_is_notified_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_by", None),
                    models.Q(("signed_by", models.F("opened_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_hands_on_a_breach",
                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reasons__contains", ["autre"]),
                        models.Q(("other_obligation", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("reasons__contains", ["autre"]), _negated=True),
                        ("other_obligation", ""),
                    ),
                    _connector="OR",
                ),
                name="other_obligation_has_its_text",
                violation_error_message="« Autre obligation » s’écrit en toutes lettres, et seulement si ce motif est coché.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("observations_file", None), ("observations_reference", "")
                    ),
                    ("observed_on__isnull", False),
                    _connector="OR",
                ),
                name="observations_have_their_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "propose",
                            "ouvert",
                            "notifie",
                            "observe",
                            "maintenu",
                            "resilie",
                            "leve",
                        ],
                    ),
                    models.Q(("reasons", []), _negated=True),
                ),
                name="breach_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "origin__in",
                            ("france_travail", "service", "decision", "manquement"),
                        ),
                        _negated=True,
                    ),
                    (
                        "ends_on__lte",
                        accounts.agreements.models.terminations.MonthLater(
                            models.F("told_on")
                        ),
                    ),
                    _connector="OR",
                ),
                name="france_travail_gives_a_month_at_most",
                violation_error_message="France Travail met fin à la convention dans le mois qui suit sa décision (art. 12)\xa0: choisissez un jour plus proche.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin__in", ("service", "decision")), _negated=True),
                    models.Q(("motive", ""), _negated=True),
                    _connector="OR",
                ),
                name="france_travail_gives_its_reason",
                violation_error_message="France Travail donne le motif de sa décision (art. 12) : la lettre le reprend.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["propose", "confirme", "abandonne"]),
                    (
                        "origin__in",
                        [
                            "structure",
                            "service",
                            "decision",
                            "france_travail",
                            "accord",
                            "partenariat",
                            "manquement",
                        ],
                    ),
                ),
                name="ending_is_known",
            ),
        ),
        run_sql(__file__, "breaches", reverse_sql=migrations.RunSQL.noop),
        guard_moves(
            "accounts_breach",
            {
                "maintenu": ["leve", "resilie"],
                "notifie": ["leve", "maintenu", "observe"],
                "observe": ["leve", "maintenu"],
                "ouvert": ["leve", "notifie"],
                "propose": ["leve", "ouvert"],
            },
        ),
    ]
