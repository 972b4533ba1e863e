"""A new follower or stand-in has a decision, and says which (ADR 28)."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql
from opus.lib.database.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0014_papers_are_right_again"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="caseloadtransfer", name="transfer_by_two_persons"
        ),
        migrations.RemoveConstraint(
            model_name="caseloadtransfer", name="transfer_of_somebody_else"
        ),
        migrations.RemoveConstraint(
            model_name="caseloadtransfer", name="transfer_to_oneself_waits"
        ),
        migrations.RemoveConstraint(
            model_name="caseloadtransfer", name="transfer_state_is_known"
        ),
        migrations.AddField(
            model_name="candidate",
            name="transfer",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="persons",
                db_index=False,
                to="referrals.caseloadtransfer",
                verbose_name="décision",
            ),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="applied_in",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="at_once",
            field=models.CharField(
                blank=True,
                choices=[("soi", "ses propres candidats"), ("peu", "peu de candidats")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="pourquoi tout de suite",
            ),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="checked_at",
            field=models.DateTimeField(null=True, verbose_name="vérifié le"),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="checked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="vérifié par",
            ),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="disowned_at",
            field=models.DateTimeField(null=True, verbose_name="désavoué le"),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="ends_on",
            field=models.DateField(null=True, verbose_name="dernier jour"),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="kind",
            field=models.CharField(
                choices=[("definitif", "pour toujours"), ("temps", "pour un temps")],
                db_default="definitif",
                default="definitif",
                max_length=10,
                verbose_name="durée",
            ),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="receiver_is_new",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="vers un compte récent"
            ),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="seen_at",
            field=models.DateTimeField(null=True, verbose_name="vu le"),
        ),
        migrations.AddField(
            model_name="caseloadtransfer",
            name="starts_on",
            field=models.DateField(null=True, verbose_name="premier jour"),
        ),
        migrations.AddField(
            model_name="standin",
            name="transfer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stand_ins",
                db_index=False,
                to="referrals.caseloadtransfer",
                verbose_name="décision",
            ),
        ),
        migrations.AlterField(
            model_name="caseloadtransfer",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asked_transfers",
                to=settings.AUTH_USER_MODEL,
                verbose_name="demandé par",
            ),
        ),
        migrations.AlterField(
            model_name="caseloadtransfer",
            name="state",
            field=models.CharField(
                choices=[
                    ("attente", "en attente"),
                    ("fait", "fait"),
                    ("arrete", "arrêté"),
                    ("rendu", "fait, puis rendu"),
                ],
                default="attente",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE referrals_caseloadtransfer SET at_once = 'peu'
            WHERE ready_at < asked_at + interval '24 hours';
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                    ("account", models.F("asked_by")),
                    _connector="OR",
                ),
                name="transfer_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé le transfert doit le confirmer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "temps"),
                    models.Q(("account", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="transfer_of_somebody_else",
                violation_error_message="On ne confie pas ses propres suivis.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("at_once", ""),
                        (
                            "ready_at__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("asked_at"),
                                "+",
                                models.Value(datetime.timedelta(days=1)),
                            ),
                        ),
                    ),
                    models.Q(
                        ("account", models.F("asked_by")),
                        ("at_once", "soi"),
                        ("receiver_is_new", False),
                    ),
                    models.Q(
                        ("at_once", "peu"),
                        ("people__lte", 20),
                        ("receiver_is_new", False),
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
                    _connector="OR",
                ),
                name="transfer_waits_or_says_why_not",
                violation_error_message="Ces candidats attendent 24 heures.",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ends_on", None), ("kind", "definitif"), ("starts_on", None)
                    ),
                    models.Q(
                        ("acts_to", None),
                        ("ends_on__gte", models.F("starts_on")),
                        ("kind", "temps"),
                    ),
                    _connector="OR",
                ),
                name="transfer_for_a_time_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseloadtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["attente", "fait", "arrete", "rendu"])
                ),
                name="transfer_state_is_known",
            ),
        ),
        migrations.RunSQL(
            "DROP TRIGGER referrals_caseloadtransfer_moves"
            " ON referrals_caseloadtransfer;",
            migrations.RunSQL.noop,
        ),
        guard_moves(
            "referrals_caseloadtransfer",
            {"attente": ["arrete", "fait"], "fait": ["rendu"]},
        ),
        run_sql(__file__, "decisions"),
    ]
