"""A change of RGC is validated by the regional director; opinions are optional."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_identifiers_read_as_one")]

    operations = [
        migrations.RemoveConstraint(model_name="letter", name="letter_kind_is_known"),
        migrations.RemoveConstraint(
            model_name="nomination", name="nomination_within_the_years"
        ),
        migrations.RemoveConstraint(
            model_name="nomination", name="rgc_withdrawn_after_an_opinion"
        ),
        migrations.AddField(
            model_name="nomination",
            name="validated_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="validation notée par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="validated_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="changement validé le"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="validation_by",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Nom et fonction du directeur régional.",
                max_length=120,
                verbose_name="changement validé par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="validation_reference",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=60,
                verbose_name="référence de la validation",
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("preavis", "préavis de fin de convention (art. 12)"),
                    ("manquements", "manquements notifiés (art. 12)"),
                    ("maintien", "décision maintenue (art. 12)"),
                    ("levee", "procédure abandonnée (art. 12)"),
                    ("resiliation", "résiliation (art. 12)"),
                    ("avenant", "avenant (art. 5.2)"),
                    ("rgc_accord", "accord sur le RGC (art. 4.1)"),
                    ("rgc_refus", "refus du RGC (art. 4.1)"),
                    ("rgc_changement", "changement de RGC validé (art. 4.3)"),
                    ("rgc_retrait", "retrait de l’agrément du RGC (art. 4.3)"),
                    ("rgc_vacance", "poste de RGC vacant (art. 4.3)"),
                ],
                max_length=20,
                verbose_name="objet",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
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
                            "rgc_changement",
                            "rgc_retrait",
                            "rgc_vacance",
                        ],
                    )
                ),
                name="letter_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "copy_given_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "decided_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "end_announced_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "ended_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "office_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "opinion_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "proposed_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "vacancy_letter_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "validated_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "withdrawal_opinion_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="nomination_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "retire"), _negated=True),
                    models.Q(
                        models.Q(("withdrawal_by", ""), _negated=True),
                        models.Q(("withdrawal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rgc_withdrawn_with_a_reason",
                violation_error_message="Un retrait porte le nom du directeur régional et son motif (art. 4.3).",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("validated_by", None),
                        ("validated_on", None),
                        ("validation_by", ""),
                        ("validation_reference", ""),
                    ),
                    models.Q(
                        ("decided_on__isnull", False),
                        ("validated_by__isnull", False),
                        ("validated_on__gte", models.F("decided_on")),
                        models.Q(("validation_by", ""), _negated=True),
                        models.Q(("validation_reference", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rgc_change_validated_whole",
                violation_error_message="La validation d’un changement de RGC porte une date, un nom et une référence, et ne précède pas l’accord (art. 4.3).",
            ),
        ),
        run_sql(
            __file__,
            "rgc_changes",
            reverse_sql="""
            DROP TRIGGER accounts_nomination_succeeds ON accounts_nomination;
            DROP TRIGGER accounts_nomination_succeeds_at_once ON accounts_nomination;
            DROP TRIGGER accounts_nomination_validated ON accounts_nomination;
            DROP FUNCTION opus_validate_rgc_change();
            """,
        ),
    ]
