"""A convention renews another; an office ends with its convention (art. 13)."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_breaches_and_reasons")]

    operations = [
        migrations.RemoveConstraint(
            model_name="convention", name="convention_within_its_parent"
        ),
        migrations.RemoveConstraint(
            model_name="convention", name="convention_signed_before_it_starts"
        ),
        migrations.RemoveConstraint(
            model_name="convention", name="convention_state_is_known"
        ),
        migrations.RemoveConstraint(
            model_name="nomination", name="nomination_state_is_known"
        ),
        migrations.RemoveConstraint(
            model_name="nomination", name="rgc_office_ends_on_a_day"
        ),
        migrations.AddField(
            model_name="convention",
            name="keeps_rgc",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Le RGC de la convention renouvelée garde sa fonction dans celle-ci, sans nouvelle nomination. Il la prend à la signature.",
                verbose_name="reconduire le RGC",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="renews",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="accounts.convention",
                verbose_name="renouvelle",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="state",
            field=models.CharField(
                choices=[
                    ("projet", "projet"),
                    ("signee", "signée"),
                    ("preavis", "préavis"),
                    ("resiliee", "résiliée"),
                    ("expiree", "expirée"),
                    ("abandonnee", "projet abandonné"),
                ],
                default="projet",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="state",
            field=models.CharField(
                choices=[
                    ("propose", "proposé"),
                    ("accepte", "accepté"),
                    ("refuse", "refusé"),
                    ("abandonne", "proposition abandonnée"),
                    ("en_fonction", "en fonction"),
                    ("retire", "agrément retiré"),
                    ("parti", "parti"),
                    ("absent", "absent plus de trois mois"),
                    ("fini", "fin de la convention"),
                ],
                default="propose",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("resiliee", "abandonnee")),
                    ("ends_on__lte", models.F("parent_ends_on")),
                    _connector="OR",
                ),
                name="convention_within_its_parent",
                violation_error_message="La convention d’application ne peut pas durer plus que la convention de partenariat (art. 13).",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("projet", "abandonnee")),
                    models.Q(
                        ("signed_by_ft_on__isnull", False),
                        ("signed_by_ft_on__lte", models.F("starts_on")),
                        ("signed_by_structure_on__isnull", False),
                        ("signed_by_structure_on__lte", models.F("starts_on")),
                    ),
                    _connector="OR",
                ),
                name="convention_signed_before_it_starts",
                violation_error_message="Une convention signée porte ses deux dates de signature, et ne prend pas effet avant la dernière (art. 13).",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "projet",
                            "signee",
                            "preavis",
                            "resiliee",
                            "expiree",
                            "abandonnee",
                        ],
                    )
                ),
                name="convention_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(
                    ("state__in", ("resiliee", "abandonnee")), _negated=True
                ),
                expressions=[("renews", "=")],
                name="one_renewal_at_a_time",
                violation_error_message="Le renouvellement de cette convention est déjà préparé : ouvrez-le depuis sa fiche.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "propose",
                            "accepte",
                            "refuse",
                            "abandonne",
                            "en_fonction",
                            "retire",
                            "parti",
                            "absent",
                            "fini",
                        ],
                    )
                ),
                name="nomination_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_on__isnull", False),
                        ("state__in", ("retire", "parti", "absent", "fini")),
                    ),
                    models.Q(
                        models.Q(
                            ("state__in", ("retire", "parti", "absent", "fini")),
                            _negated=True,
                        ),
                        ("ended_on", None),
                    ),
                    _connector="OR",
                ),
                name="rgc_office_ends_on_a_day",
            ),
        ),
        run_sql(
            __file__,
            "renewals",
            reverse_sql="""
            DROP TRIGGER accounts_convention_renews_its_own ON accounts_convention;
            DROP FUNCTION opus_renews_its_own();
            DROP TRIGGER accounts_convention_renews ON accounts_convention;
            """,
        ),
        guard_moves(
            "accounts_convention",
            {
                "preavis": ["expiree", "resiliee"],
                "projet": ["abandonnee", "signee"],
                "signee": ["expiree", "preavis", "resiliee"],
            },
        ),
        guard_moves(
            "accounts_nomination",
            {
                "accepte": ["abandonne", "en_fonction", "retire"],
                "en_fonction": ["absent", "fini", "parti", "retire"],
                "propose": ["abandonne", "accepte", "refuse"],
            },
        ),
    ]
