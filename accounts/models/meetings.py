"""The review meetings of article 11: minutes that both parties agree on, decisions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.urls import reverse
from django.utils import timezone

from accounts.models.conventions import Convention
from opus.lib.bounds import days_within
from opus.lib.dates import date_format
from opus.lib.states import MoveRefused, Stateful, Step
from opus.lib.versions import Versioned
from opus.lib.wording.fields import GuardedCharField, GuardedTextField

if TYPE_CHECKING:
    from accounts.models.users import User

MINUTES_MOST = 4000
REMARK_MOST = 1000
DECISION_MOST = 300


def written(most: int) -> Q:
    """A text that is there, and no longer than that: for a constraint."""
    return Q(GreaterThan(Length("text"), 0)) & Q(LessThanOrEqual(Length("text"), most))


class MeetingState(models.TextChoices):
    """Where a review meeting stands (art. 11)."""

    PLANNED = "planifiee", "planifiée"
    HELD = "tenue", "tenue, compte rendu à valider"
    AGREED = "validee", "compte rendu validé"
    CANCELLED = "annulee", "annulée"


TOOK_PLACE = (MeetingState.HELD, MeetingState.AGREED)


class MeetingPlace(models.TextChoices):
    """Where the parties meet: no address is needed to know it."""

    AGENCY = "agence", "dans les locaux de France Travail"
    STRUCTURE = "structure", "dans les locaux de la structure"
    REMOTE = "distance", "à distance"
    ELSEWHERE = "ailleurs", "ailleurs"


class Attendance(models.TextChoices):
    """Who takes part, by function: no name is kept (V19)."""

    RGC = "rgc", "RGC de la structure"
    STRUCTURE_HEAD = "direction", "direction de la structure"
    ADVISERS = "conseillers", "conseillers de la structure"
    AGENCY_HEAD = "agence", "direction de l’agence France Travail"
    CONTACT = "correspondant", "correspondant France Travail de la convention"
    TERRITORY = "territoire", "direction territoriale ou régionale France Travail"


OF_PARTNER = (Attendance.RGC, Attendance.STRUCTURE_HEAD, Attendance.ADVISERS)
OF_FRANCE_TRAVAIL = (Attendance.AGENCY_HEAD, Attendance.CONTACT, Attendance.TERRITORY)


class CancelReason(models.TextChoices):
    """Why a planned meeting does not take place."""

    POSTPONED = "report", "reportée à une autre date"
    PARTNER = "partenaire", "à la demande de la structure"
    FRANCE_TRAVAIL = "france_travail", "à la demande de France Travail"
    MISTAKE = "erreur", "planifiée par erreur"


class ReviewMeetingQuerySet(models.QuerySet["ReviewMeeting"]):
    """Questions asked of sets of meetings."""

    def of_structure_of(self, user: User) -> Self:
        """Those of the conventions of that person's structure, past ones included."""
        return self.filter(convention__structure=user.structure_id)

    def in_order(self) -> Self:
        """The latest first, also where rows are counted beside them."""
        return self.order_by("-planned_on", "pk")

    def took_place(self) -> Self:
        return self.filter(state__in=TOOK_PLACE)

    def with_late_decisions(self) -> Self:
        late = Decision.objects.late().filter(meeting=OuterRef("pk"))
        return self.filter(Exists(late))

    def to_agree(self) -> Self:
        """Those whose minutes wait for the structure's word."""
        written = Minutes.objects.filter(meeting=OuterRef("pk"))
        return self.filter(Exists(written), state=MeetingState.HELD)


class ReviewMeeting(Versioned, Stateful):
    """A meeting where the parties review a convention with its figures (art. 11).

    France Travail writes its minutes and decisions; the RGC confirms what he read, or
    remarks on it. What was agreed on changes by reopening it, and nothing is erased:
    each version of the minutes stays.
    """

    MOVES = {
        MeetingState.PLANNED: {MeetingState.HELD, MeetingState.CANCELLED},
        MeetingState.HELD: {MeetingState.AGREED},
        MeetingState.AGREED: {MeetingState.HELD},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    convention = models.ForeignKey(
        Convention,
        models.PROTECT,
        verbose_name="convention",
        related_name="review_meetings",
    )
    state = models.CharField(
        "état",
        max_length=20,
        choices=MeetingState,
        default=MeetingState.PLANNED,
        editable=False,
    )
    planned_on = models.DateField("prévue le")
    held_on = models.DateField("tenue le", null=True, editable=False)
    place = models.CharField("lieu", max_length=20, choices=MeetingPlace)
    covers_from = models.DateField(
        "chiffres du",
        help_text="Le dossier de bilan compte par mois entiers.",
    )
    covers_until = models.DateField("au")
    attended = ArrayField(
        models.CharField(max_length=20, choices=Attendance),
        verbose_name="présents",
        default=list,
        editable=False,
    )
    cancel_reason = models.CharField(
        "motif", max_length=20, choices=CancelReason, blank=True, editable=False
    )
    # How many times what stands in its minutes and decisions changed: the RGC confirms
    # what he read, and nothing that was written meanwhile.
    revision = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ReviewMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion de suivi"
        verbose_name_plural = "réunions de suivi"
        ordering = ("-planned_on", "pk")
        constraints = [
            days_within(
                "planned_on",
                "held_on",
                "covers_from",
                "covers_until",
                name="meeting_within_the_years",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TOOK_PLACE, held_on__isnull=False)
                | (~Q(state__in=TOOK_PLACE) & Q(held_on=None)),
                name="held_meeting_has_its_day",
                violation_error_message="Une réunion tenue a sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TOOK_PLACE)
                | Q(attended__overlap=list(OF_PARTNER))
                & Q(attended__overlap=list(OF_FRANCE_TRAVAIL)),
                name="both_parties_were_there",
                violation_error_message="Une réunion de suivi réunit les deux parties "
                "(art. 11) : cochez au moins une fonction de la structure et une de "
                "France Travail.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=MeetingState.CANCELLED, cancel_reason__in=CancelReason.values
                )
                | (~Q(state=MeetingState.CANCELLED) & Q(cancel_reason="")),
                name="cancelled_meeting_says_why",
                violation_error_message="Dites pourquoi la réunion est annulée.",
            ),
            models.CheckConstraint(
                condition=Q(covers_from__lte=F("covers_until")),
                name="meeting_covers_a_period",
                violation_error_message="Les chiffres vont du premier au second jour : "
                "vérifiez leur ordre.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=MeetingState.values, place__in=MeetingPlace.values
                ),
                name="meeting_is_known",
            ),
            models.UniqueConstraint(
                fields=["convention", "planned_on"],
                condition=Q(state=MeetingState.PLANNED),
                name="one_meeting_planned_that_day",
                violation_error_message="Une réunion est déjà prévue ce jour-là pour "
                "cette convention.",
            ),
        ]

    def __str__(self) -> str:
        return f"réunion de suivi du {date_format(self.day)}"

    def get_absolute_url(self) -> str:
        """Its page for the structure; France Travail has the admin's."""
        return reverse("meeting", args=[self.pk])

    @property
    def day(self) -> dt.date:
        """When it was held, or is planned."""
        return self.held_on or self.planned_on

    @property
    def attended_labels(self) -> list[str]:
        labels = dict(Attendance.choices)
        return [
            str(labels[code]) for code in Attendance.values if code in self.attended
        ]

    @property
    def took_place(self) -> bool:
        return self.state in TOOK_PLACE

    @property
    def may_be_written(self) -> bool:
        """Whether minutes and decisions may be added (a trigger says so too)."""
        return self.state == MeetingState.HELD

    @property
    def latest_minutes(self) -> Minutes | None:
        return self.minutes.order_by("-version").first()

    @property
    def period_query(self) -> str:
        """The months of its figures, as the pages of the follow-up ask for them."""
        return f"du={self.covers_from:%Y-%m}&au={self.covers_until:%Y-%m}"

    def hold(self, *, by: User, on: dt.date, attended: list[str]) -> None:
        """It took place.

        Raises:
            MoveRefused: that day is to come.
        """
        if on > timezone.localdate():
            raise MoveRefused(
                "La réunion n’a pas encore eu lieu : ce jour est à venir."
            )
        self.move_to(MeetingState.HELD, by=by, held_on=on, attended=attended)

    def agree(self, *, by: User, revision: int) -> None:
        """The structure confirms the minutes that it read, decisions included.

        Raises:
            MoveRefused: there are none yet, or others were written meanwhile.
        """
        if not self.minutes.exists():
            raise MoveRefused("Il n’y a pas encore de compte rendu à valider.")
        if self.revision != revision:
            raise MoveRefused(
                "Le compte rendu a changé depuis que vous l’avez ouvert : relisez-le, "
                "puis validez-le."
            )
        self.move_to(MeetingState.AGREED, by=by, note={"revision": revision})

    def reopen(self, *, by: User) -> None:
        """To correct what was agreed on: the structure will confirm it again."""
        self.move_to(MeetingState.HELD, by=by)

    def cancel(self, *, by: User, reason: str) -> None:
        self.move_to(
            MeetingState.CANCELLED,
            by=by,
            note={"reason": reason},
            cancel_reason=reason,
        )


class ReviewMeetingStep(Step):
    """One move of a meeting."""

    meeting = models.ForeignKey(
        ReviewMeeting, models.CASCADE, verbose_name="réunion", related_name="steps"
    )
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="par", null=True, related_name="+"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une réunion de suivi"
        verbose_name_plural = "étapes d’une réunion de suivi"


class Minutes(models.Model):
    """One version of a meeting's minutes; the database keeps them all as written."""

    meeting = models.ForeignKey(
        ReviewMeeting, models.PROTECT, verbose_name="réunion", related_name="minutes"
    )
    version = models.PositiveSmallIntegerField("version")
    text = GuardedTextField("compte rendu", max_length=MINUTES_MOST)
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="par", related_name="+"
    )
    at = models.DateTimeField("le", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "compte rendu"
        verbose_name_plural = "comptes rendus"
        ordering = ("-version",)
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "version"], name="minutes_have_their_version"
            ),
            models.CheckConstraint(
                condition=written(MINUTES_MOST),
                name="minutes_are_of_a_page",
                violation_error_message="Le compte rendu compte au plus "
                f"{MINUTES_MOST} caractères.",
            ),
        ]

    def __str__(self) -> str:
        return f"compte rendu, version {self.version}"


class Remark(models.Model):
    """What the RGC has to say about the minutes; kept as written."""

    meeting = models.ForeignKey(
        ReviewMeeting, models.PROTECT, verbose_name="réunion", related_name="remarks"
    )
    version = models.PositiveSmallIntegerField("sur la version")
    text = GuardedTextField("remarque", max_length=REMARK_MOST)
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="par", related_name="+"
    )
    at = models.DateTimeField("le", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "remarque sur un compte rendu"
        verbose_name_plural = "remarques sur un compte rendu"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=written(REMARK_MOST),
                name="remark_is_short",
                violation_error_message="Une remarque compte au plus "
                f"{REMARK_MOST} caractères.",
            )
        ]

    def __str__(self) -> str:
        return f"remarque sur la version {self.version}"


class Carrier(models.TextChoices):
    """Which party carries a decision."""

    PARTNER = "structure", "la structure"
    FRANCE_TRAVAIL = "france_travail", "France Travail"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Questions asked of sets of decisions."""

    def open(self) -> Self:
        return self.filter(closed_on=None)

    def late(self) -> Self:
        """Those whose day is over, and that nobody told done (a predicate, R12)."""
        return self.open().filter(due_on__lt=timezone.localdate())


class Decision(models.Model):
    """A numbered decision of a meeting: what, who carries it, by when."""

    meeting = models.ForeignKey(
        ReviewMeeting, models.PROTECT, verbose_name="réunion", related_name="decisions"
    )
    number = models.PositiveSmallIntegerField("numéro")
    text = GuardedCharField("décision", max_length=DECISION_MOST)
    carrier = models.CharField("portée par", max_length=20, choices=Carrier)
    due_on = models.DateField("échéance")
    closed_on = models.DateField("close le", null=True, editable=False)
    # Closed, and not because it was done: another took its place, or it had no object.
    is_dropped = models.BooleanField("sans objet", default=False, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "décision"
        ordering = ("meeting", "number")
        constraints = [
            days_within("due_on", "closed_on", name="decision_within_the_years"),
            models.UniqueConstraint(
                fields=["meeting", "number"], name="decisions_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(is_dropped=False) | Q(closed_on__isnull=False),
                name="dropped_decision_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(carrier__in=Carrier.values), name="decision_is_carried"
            ),
        ]

    def __str__(self) -> str:
        return f"décision n° {self.number}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()
