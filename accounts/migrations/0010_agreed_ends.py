"""An amendment prolongs; an agreed end is signed by both parties (art. 12, 13)."""

import datetime

import django.db.models.functions.comparison
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_office_after_notification")]

    operations = [
        migrations.RemoveConstraint(
            model_name="amendment", name="two_hands_on_an_amendment"
        ),
        migrations.RemoveConstraint(
            model_name="ending", name="ending_within_the_years"
        ),
        migrations.RemoveConstraint(model_name="letter", name="letter_kind_is_known"),
        migrations.AddField(
            model_name="ending",
            name="ft_signatory",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=120,
                verbose_name="signataire de France Travail",
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="signed_by_ft_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="accord signé par France Travail le"
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="signed_by_structure_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="accord signé par la structure le"
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="structure_signatory",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=120,
                verbose_name="signataire de la structure",
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
                    ("fin_accord", "fin d’un commun accord"),
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
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quota__gt", models.F("was_quota")), _negated=True),
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
                condition=models.Q(
                    ("ends_on", None),
                    ("ends_on__gt", models.F("was_ends_on")),
                    _connector="OR",
                ),
                name="amendment_prolongs_the_convention",
                violation_error_message="Un avenant ne met pas fin plus tôt à une convention\xa0: proposez une fin anticipée (art. 12).",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "signed_by_ft_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "signed_by_structure_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "told_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="ending_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            models.Q(("structure_signatory", ""), _negated=True),
                            models.Q(("ft_signatory", ""), _negated=True),
                        ),
                        ("at_once", False),
                        ("origin", "accord"),
                        ("signed_by_ft_on__isnull", False),
                        ("signed_by_structure_on__isnull", False),
                        (
                            "told_on",
                            django.db.models.functions.comparison.Greatest(
                                "signed_by_structure_on", "signed_by_ft_on"
                            ),
                        ),
                    ),
                    models.Q(
                        models.Q(("origin", "accord"), _negated=True),
                        ("ft_signatory", ""),
                        ("signed_by_ft_on", None),
                        ("signed_by_structure_on", None),
                        ("structure_signatory", ""),
                    ),
                    _connector="OR",
                ),
                name="agreed_end_is_signed_by_both",
                violation_error_message="Une fin d’un commun accord porte le nom et la date des deux signatures\xa0; elle vaut du jour de la dernière.",
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
                            "fin_accord",
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
        run_sql(__file__, "agreed_ends"),
    ]
