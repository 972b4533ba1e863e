"""Review meetings: minutes, decisions, the RGC's answer (art. 11)."""

import datetime as dt
import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention, convention_key
from accounts.users.models import User, person_key
from opus.lib.database.versions import Versioned
from opus.lib.dates import add_months, date_format, days_within
from opus.lib.text_guard.fields import About, GuardedTextField

MINUTES_MOST = 4000
DECISIONS_MOST = 2000
REMARK_MOST = 1000


class Attendance(models.TextChoices):
    """Participants by function: no name is kept (V19)."""

    RGC = "rgc", "RGC de la structure"
    STRUCTURE_HEAD = "direction", "direction de la structure"
    ADVISERS = "conseillers", "conseillers de la structure"
    AGENCY_HEAD = "agence", "direction de l’agence France Travail"
    CONTACT = "correspondant", "correspondant France Travail de la convention"
    TERRITORY = "territoire", "direction territoriale ou régionale France Travail"


OF_PARTNER = (Attendance.RGC, Attendance.STRUCTURE_HEAD, Attendance.ADVISERS)
OF_FRANCE_TRAVAIL = (Attendance.AGENCY_HEAD, Attendance.CONTACT, Attendance.TERRITORY)


class Reply(models.TextChoices):
    """The RGC's answer to the minutes, given once."""

    AGREED = "accord", "compte rendu validé"
    REMARK = "remarque", "remarque du RGC"


class ReviewMeetingQuerySet(models.QuerySet["ReviewMeeting"]):
    def of_structure_of(self, user: User) -> Self:
        return self.filter(convention__structure=user.structure_id)

    def held(self) -> Self:
        return self.exclude(attended=[])

    def to_come(self) -> Self:
        planned = self.filter(attended=[], held_on__gte=timezone.localdate())
        return planned.order_by("held_on", "pk")

    def without_reply(self) -> Self:
        """Filter minutes that an RGC can still answer."""
        in_force = Convention.objects.in_force().values("structure")
        written = self.filter(~Q(minutes="") | Q(minutes_file__isnull=False), reply="")
        return written.filter(convention__structure__in=in_force)


class ReviewMeeting(Versioned):
    """A review by the parties; the answer fixes its minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    convention = convention_key("review_meetings")
    held_on = models.DateField(
        "date", help_text="Un jour à venir pour une réunion prévue."
    )
    attended = ArrayField(
        models.CharField(max_length=20, choices=Attendance),
        verbose_name="présents",
        default=list,
        blank=True,
    )
    minutes = GuardedTextField(
        "compte rendu", about=About.SERVICE, blank=True, max_length=MINUTES_MOST
    )
    minutes_file = models.BinaryField(
        "compte rendu (PDF)", null=True, blank=True, editable=False
    )
    # Lists read this column without the file's bytes.
    has_file = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(minutes_file__isnull=False), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    decisions = GuardedTextField(
        "décisions", about=About.SERVICE, blank=True, max_length=DECISIONS_MOST
    )
    follow_up = GuardedTextField(
        "suites des décisions",
        about=About.SERVICE,
        blank=True,
        max_length=DECISIONS_MOST,
    )
    reply = models.CharField(
        "réponse du RGC", max_length=20, choices=Reply, blank=True, editable=False
    )
    remark = GuardedTextField(
        "remarque",
        about=About.SERVICE,
        blank=True,
        max_length=REMARK_MOST,
        editable=False,
    )
    replied_by = person_key("par", null=True, editable=False)
    replied_at = models.DateTimeField("répondu le", null=True, editable=False)

    objects = ReviewMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion de suivi"
        verbose_name_plural = "réunions de suivi"
        ordering = ("-held_on", "pk")
        constraints = [
            days_within("held_on", name="meeting_within_the_years"),
            models.UniqueConstraint(
                fields=["convention", "held_on"],
                name="one_meeting_that_day",
                violation_error_message="Une réunion est déjà inscrite ce jour-là pour "
                "cette convention.",
            ),
            models.CheckConstraint(
                condition=Q(attended__overlap=list(OF_PARTNER))
                & Q(attended__overlap=list(OF_FRANCE_TRAVAIL))
                | Q(attended=[], minutes="", minutes_file=None, decisions=""),
                name="both_parties_were_there",
                violation_error_message="Une réunion de suivi réunit les deux parties "
                "(art. 11) : cochez au moins une fonction de la structure et une de "
                "France Travail.",
            ),
            models.CheckConstraint(
                condition=Q(reply="", remark="", replied_by=None, replied_at=None)
                | Q(replied_by__isnull=False, replied_at__isnull=False)
                & (Q(reply=Reply.AGREED, remark="") | Q(reply=Reply.REMARK))
                & (~Q(minutes="") | Q(minutes_file__isnull=False)),
                name="reply_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(reply=Reply.REMARK) | ~Q(remark=""),
                name="remark_has_its_words",
                violation_error_message="Écrivez votre remarque.",
            ),
        ]

    def __str__(self) -> str:
        return f"réunion de suivi du {date_format(self.held_on)}"

    def get_absolute_url(self) -> str:
        """Return the structure's page; France Travail uses the admin."""
        return reverse("meeting", args=[self.pk])

    @property
    def attended_labels(self) -> list[str]:
        labels = dict(Attendance.choices)
        return [
            str(labels[code]) for code in Attendance.values if code in self.attended
        ]

    @property
    def is_to_come(self) -> bool:
        return self.held_on > timezone.localdate()

    @property
    def has_minutes(self) -> bool:
        return bool(self.minutes or self.has_file)

    @property
    def awaits_reply(self) -> bool:
        return self.has_minutes and not self.reply

    @property
    def status(self) -> str:
        if self.reply:
            return self.get_reply_display()
        if self.has_minutes:
            return "compte rendu à accepter"
        if self.attended:
            return "tenue"
        return "prévue"

    @property
    def period_query(self) -> str:
        """Return the twelve months before it, as a query."""
        last = self.held_on.replace(day=1) - dt.timedelta(days=1)
        return f"du={add_months(last, -11):%Y-%m}&au={last:%Y-%m}"
