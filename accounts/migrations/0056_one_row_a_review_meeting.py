"""A review meeting is one row; proposals of evolution are requests for assistance."""

import datetime
import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.versions import raise_version

# What was held is not erased; what the RGC answered to is not written over.
GUARDS = """
CREATE TRIGGER accounts_reviewmeeting_stays BEFORE DELETE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (OLD.attended <> '{}') EXECUTE FUNCTION opus_refuse(
        'Une réunion de suivi ne s’efface pas.');
CREATE TRIGGER accounts_reviewmeeting_frozen BEFORE UPDATE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (
        (OLD.attended <> '{}' AND OLD.convention_id <> NEW.convention_id)
        OR (OLD.reply <> '' AND
            (OLD.held_on, OLD.attended, OLD.minutes, OLD.minutes_file, OLD.decisions,
             OLD.reply, OLD.remark, OLD.replied_by_id, OLD.replied_at)
            IS DISTINCT FROM
            (NEW.held_on, NEW.attended, NEW.minutes, NEW.minutes_file, NEW.decisions,
             NEW.reply, NEW.remark, NEW.replied_by_id, NEW.replied_at))
    )
    EXECUTE FUNCTION opus_refuse(
        'Le RGC a répondu : la réunion ne change plus, sauf les suites de ses décisions.');
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0055_background_files")]

    # Their triggers go with their tables.
    operations = [
        migrations.DeleteModel("Answer"),
        migrations.DeleteModel("SuggestionStep"),
        migrations.DeleteModel("Suggestion"),
        migrations.DeleteModel("Remark"),
        migrations.DeleteModel("Minutes"),
        migrations.DeleteModel("Decision"),
        migrations.DeleteModel("ReviewMeetingStep"),
        migrations.DeleteModel("ReviewMeeting"),
        migrations.RunSQL("DROP FUNCTION opus_meeting_is_open()"),
        migrations.CreateModel(
            name="ReviewMeeting",
            fields=[
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1, default=1, editable=False
                    ),
                ),
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
                    "held_on",
                    models.DateField(
                        help_text="Un jour à venir pour une réunion prévue.",
                        verbose_name="date",
                    ),
                ),
                (
                    "attended",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("rgc", "RGC de la structure"),
                                ("direction", "direction de la structure"),
                                ("conseillers", "conseillers de la structure"),
                                ("agence", "direction de l’agence France Travail"),
                                (
                                    "correspondant",
                                    "correspondant France Travail de la convention",
                                ),
                                (
                                    "territoire",
                                    "direction territoriale ou régionale France Travail",
                                ),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        verbose_name="présents",
                    ),
                ),
                (
                    "minutes",
                    models.TextField(
                        blank=True, max_length=4000, verbose_name="compte rendu"
                    ),
                ),
                (
                    "minutes_file",
                    models.BinaryField(
                        blank=True, null=True, verbose_name="compte rendu (PDF)"
                    ),
                ),
                (
                    "has_file",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("minutes_file__isnull", False)),
                            output_field=models.BooleanField(),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "decisions",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="décisions"
                    ),
                ),
                (
                    "follow_up",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="suites des décisions"
                    ),
                ),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accord", "compte rendu validé"),
                            ("remarque", "remarque du RGC"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="réponse du RGC",
                    ),
                ),
                (
                    "remark",
                    models.TextField(
                        blank=True,
                        editable=False,
                        max_length=1000,
                        verbose_name="remarque",
                    ),
                ),
                (
                    "replied_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="répondu le"
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_meetings",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "replied_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "réunion de suivi",
                "verbose_name_plural": "réunions de suivi",
                "ordering": ("-held_on", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "held_on__range",
                                (
                                    datetime.date(2000, 1, 1),
                                    datetime.date(2100, 12, 31),
                                ),
                            )
                        ),
                        name="meeting_within_the_years",
                        violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                    ),
                    models.UniqueConstraint(
                        fields=("convention", "held_on"),
                        name="one_meeting_that_day",
                        violation_error_message="Une réunion est déjà inscrite ce jour-là pour cette convention.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "attended__overlap",
                                    ["rgc", "direction", "conseillers"],
                                ),
                                (
                                    "attended__overlap",
                                    ["agence", "correspondant", "territoire"],
                                ),
                            ),
                            models.Q(
                                ("attended", []),
                                ("decisions", ""),
                                ("minutes", ""),
                                ("minutes_file", None),
                            ),
                            _connector="OR",
                        ),
                        name="both_parties_were_there",
                        violation_error_message="Une réunion de suivi réunit les deux parties (art. 11)\xa0: cochez au moins une fonction de la structure et une de France Travail.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("remark", ""),
                                ("replied_at", None),
                                ("replied_by", None),
                                ("reply", ""),
                            ),
                            models.Q(
                                ("replied_at__isnull", False),
                                ("replied_by__isnull", False),
                                models.Q(
                                    models.Q(("remark", ""), ("reply", "accord")),
                                    ("reply", "remarque"),
                                    _connector="OR",
                                ),
                                models.Q(
                                    models.Q(("minutes", ""), _negated=True),
                                    ("minutes_file__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="reply_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reply", "remarque"), _negated=True),
                            models.Q(("remark", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="remark_has_its_words",
                        violation_error_message="Écrivez votre remarque.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS),
        raise_version("accounts_reviewmeeting"),
    ]
