"""Announcements of Opus, changes five days ahead (art. 6, R17)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Agency, Structure, places_over
from accounts.users.enums import Role
from accounts.users.models import User, account_key
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field, step_key
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, days_within
from opus.lib.french_regions import department_of_postcode, regions
from opus.lib.text_guard.fields import About, GuardedCharField, GuardedTextField
from opus.lib.text_guard.rules import OF_THE_SERVICE

# Article 6: minimum days between the announcement of a change and the change.
# Calendar days in Paris; from the convention, so not a setting.
LEAD_DAYS = 5


class AnnouncementKind(models.TextChoices):
    INFORMATION = "information", "information"
    CHANGE = "evolution", "évolution de l’application"


class Audience(models.TextChoices):
    ALL = "tous", "tous les utilisateurs"
    RGC = "rgc", "les RGC"
    REGION = "region", "les structures d’une région"
    # The only audience of a territorial administrator: his own territory.
    TERRITORY = "territoire", "les structures d’un territoire"


class AnnouncementState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publiee", "publiée"
    WITHDRAWN = "retiree", "retirée"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def published(self) -> Self:
        return self.filter(state=AnnouncementState.PUBLISHED)

    def visible_to(self, user: User) -> Self:
        """Filter the published ones for this partner's member."""
        return self.published().addressed_to(user)

    def addressed_to(self, user: User) -> Self:
        """Filter by audience, whatever their state."""
        audience = Q(audience=Audience.ALL)
        if user.role == Role.RGC:
            audience |= Q(audience=Audience.RGC)
        if user.structure and (region := region_of(user.structure)):
            audience |= Q(audience=Audience.REGION, region=region)
        if user.structure:
            places = places_over(user.structure.agency_id)
            audience |= Q(audience=Audience.TERRITORY, territory__in=places)
        return self.filter(audience)

    def with_unread(self, user: User) -> Self:
        rows = AnnouncementReading.objects.filter(account=user)
        return self.annotate(
            is_unread=~Exists(rows.filter(announcement=OuterRef("pk")))
        )


def region_choices() -> list[tuple[str, str]]:
    return list(regions().items())


def region_of(structure: Structure) -> str:
    department = department_of_postcode(structure.postcode)
    return department.region if department else ""


class Announcement(Versioned, Stateful):
    """Once published, final: withdraw it and publish another."""

    MOVES = {
        AnnouncementState.DRAFT: {AnnouncementState.PUBLISHED},
        AnnouncementState.PUBLISHED: {AnnouncementState.WITHDRAWN},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = state_field(AnnouncementState.DRAFT)
    kind = models.CharField("nature", max_length=20, choices=AnnouncementKind)
    title = GuardedCharField(
        "titre", about=About.SERVICE, max_length=120, allows=OF_THE_SERVICE
    )
    text = GuardedTextField(
        "texte",
        about=About.SERVICE,
        max_length=3000,
        help_text="Un paragraphe par ligne.",
        allows=OF_THE_SERVICE,
    )
    goes_live_on = models.DateField(
        "mise en service le",
        null=True,
        blank=True,
        help_text=f"Pour une évolution : au moins {LEAD_DAYS} jours après la "
        "publication (art. 6).",
    )
    note = GuardedTextField(
        "notice pour les utilisateurs",
        about=About.SERVICE,
        max_length=6000,
        blank=True,
        allows=OF_THE_SERVICE,
        help_text="Pour une évolution : ce qui change à l’écran, pas à pas. Ou donnez "
        "l’adresse du guide ci-dessous.",
    )
    guide = models.URLField(
        "adresse du guide",
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text="Commence par https://",
    )
    audience = models.CharField(
        "destinataires", max_length=20, choices=Audience, default=Audience.ALL
    )
    region = models.CharField(
        "région", max_length=2, blank=True, choices=region_choices
    )
    territory = models.ForeignKey(
        Agency,
        models.PROTECT,
        verbose_name="territoire",
        null=True,
        editable=False,
        related_name="+",
    )
    # The day in Paris; the step has the instant.
    published_on = models.DateField("publiée le", null=True, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = "actualité"
        ordering = (F("published_on").desc(nulls_first=True), "-pk")
        constraints = [
            days_within(
                "goes_live_on", "published_on", name="announcement_within_the_years"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=AnnouncementState.values,
                    kind__in=AnnouncementKind.values,
                    audience__in=Audience.values,
                ),
                name="announcement_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state=AnnouncementState.DRAFT, published_on=None)
                | (~Q(state=AnnouncementState.DRAFT) & Q(published_on__isnull=False)),
                name="published_announcement_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(audience=Audience.REGION) & ~Q(region="")
                | ~Q(audience=Audience.REGION) & Q(region=""),
                name="regional_announcement_names_its_region",
                violation_error_message="Choisissez la région quand l’actualité "
                "s’adresse aux structures d’une région, et seulement alors.",
            ),
            models.CheckConstraint(
                condition=Q(audience=Audience.TERRITORY, territory__isnull=False)
                | ~Q(audience=Audience.TERRITORY) & Q(territory=None),
                name="territorial_announcement_names_its_territory",
            ),
            models.CheckConstraint(
                condition=~Q(kind=AnnouncementKind.CHANGE)
                | Q(state=AnnouncementState.DRAFT)
                | ~Q(note="", guide=""),
                name="published_change_has_its_note",
                violation_error_message="Une évolution est publiée avec sa notice pour "
                "les utilisateurs (art. 6) : écrivez-la, ou donnez l’adresse du guide.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=AnnouncementKind.CHANGE)
                | Q(state=AnnouncementState.DRAFT)
                | Q(
                    goes_live_on__isnull=False,
                    goes_live_on__gte=F("published_on") + dt.timedelta(days=LEAD_DAYS),
                ),
                name="change_is_published_five_days_ahead",
                violation_error_message="Une évolution est annoncée au moins cinq "
                "jours avant sa mise en service (art. 6).",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("announcement", args=[self.pk])

    @property
    def is_change(self) -> bool:
        return self.kind == AnnouncementKind.CHANGE

    @property
    def is_draft(self) -> bool:
        return self.state == AnnouncementState.DRAFT

    @property
    def is_withdrawn(self) -> bool:
        return self.state == AnnouncementState.WITHDRAWN

    @property
    def is_live(self) -> bool:
        day = self.goes_live_on
        return day is not None and day <= timezone.localdate()

    @property
    def region_name(self) -> str:
        return regions().get(self.region, "")

    def why_unpublishable(self) -> str:
        if not self.is_change:
            return ""
        if not (self.note.strip() or self.guide):
            return (
                "Une évolution est publiée avec sa notice pour les utilisateurs "
                "(art. 6) : écrivez-la sur la fiche, ou donnez l’adresse du guide."
            )
        if self.goes_live_on is None:
            return (
                "Indiquez sur la fiche le jour de la mise en service : une évolution "
                f"est annoncée au moins {LEAD_DAYS} jours avant (art. 6)."
            )
        earliest = timezone.localdate() + dt.timedelta(days=LEAD_DAYS)
        if self.goes_live_on < earliest:
            return (
                f"Une évolution est annoncée au moins {LEAD_DAYS} jours avant sa mise "
                "en service (art. 6) : publiée aujourd’hui, elle ne peut entrer en "
                f"service avant le {date_format(earliest, 'j F Y')}."
            )
        return ""

    def publish(self, *, by: User) -> None:
        """Publish it; raise MoveRefused for an unpublishable change."""
        if sentence := self.why_unpublishable():
            raise MoveRefused(sentence)
        today = timezone.localdate()
        self.move_to(AnnouncementState.PUBLISHED, by=by, published_on=today)

    def withdraw(self, *, by: User) -> None:
        self.move_to(AnnouncementState.WITHDRAWN, by=by)

    def read_by(self, account: User) -> None:
        """Remove the badge of that account."""
        row = AnnouncementReading(announcement=self, account=account)
        AnnouncementReading.objects.bulk_create([row], ignore_conflicts=True)


class AnnouncementStep(Step):
    announcement = step_key(Announcement, "actualité")

    class Meta(Step.Meta):
        verbose_name = "étape d’une actualité"
        verbose_name_plural = "étapes d’une actualité"


class AnnouncementReading(models.Model):
    """The account has opened the announcement: for the badge only."""

    announcement = models.ForeignKey(
        Announcement, models.CASCADE, verbose_name="actualité", related_name="readings"
    )
    account = account_key("+", models.CASCADE)
    at = models.DateTimeField("ouverte le", db_default=Now())

    class Meta:
        verbose_name = "lecture d’une actualité"
        verbose_name_plural = "lectures d’actualités"
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "account"], name="one_reading_for_an_account"
            )
        ]

    def __str__(self) -> str:
        return f"lecture, {self.announcement}"
