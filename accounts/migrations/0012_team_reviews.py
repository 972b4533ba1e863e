"""The quarterly confirmation, kept as evidence: what was answered does not change."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

FROZEN = """
CREATE FUNCTION opus_freeze_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une confirmation trimestrielle répondue ne change plus.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_is_evidence';
END $$;
CREATE TRIGGER accounts_teamreview_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreview
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL)
    EXECUTE FUNCTION opus_freeze_review();
CREATE TRIGGER accounts_teamreviewanswer_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreviewanswer
    FOR EACH ROW EXECUTE FUNCTION opus_freeze_review();
"""

UNDO_FROZEN = """
DROP TRIGGER accounts_teamreviewanswer_frozen ON accounts_teamreviewanswer;
DROP TRIGGER accounts_teamreview_frozen ON accounts_teamreview;
DROP FUNCTION opus_freeze_review();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_absences")]

    operations = [
        migrations.CreateModel(
            name="TeamReview",
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
                ("due_on", models.DateField(verbose_name="demandée le")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(null=True, verbose_name="répondue le"),
                ),
                (
                    "escalated_at",
                    models.DateTimeField(
                        null=True, verbose_name="signalée à France Travail le"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="répondue par",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation trimestrielle",
                "verbose_name_plural": "confirmations trimestrielles",
                "ordering": ("-due_on", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("convention", "due_on"), name="one_review_a_day"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(answered_at__isnull=True),
                        fields=("convention",),
                        name="one_review_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(answered_by__isnull=True)
                        | models.Q(answered_at__isnull=False),
                        name="review_answered_at_an_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamReviewAnswer",
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
                    "is_here",
                    models.BooleanField(
                        verbose_name="travaille toujours dans la structure"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_answers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="accounts.teamreview",
                        verbose_name="confirmation",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "account"), name="one_answer_about_a_person"
                    )
                ],
            },
        ),
        migrations.RunSQL(FROZEN, UNDO_FROZEN),
    ]
