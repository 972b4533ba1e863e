"""The convention d'application, its terms, its signatures, its partnership."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.enums import Service
from accounts.structures.models import Agency, Structure
from accounts.users.models import User
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)
from opus.lib.database.versions import Versioned
from opus.lib.dates import add_months, days_from, days_until, days_within
from opus.lib.forms.fields import NameField, phone_field, phones_written
from opus.lib.french_regions import department_of_postcode


class ConventionState(models.TextChoices):
    DRAFT = "projet", "projet"
    SIGNED = "signee", "signée"
    NOTICE_PERIOD = "preavis", "préavis"
    TERMINATED = "resiliee", "résiliée"
    EXPIRED = "expiree", "expirée"
    ABANDONED = "abandonnee", "projet abandonné"


IN_FORCE_STATES = (ConventionState.SIGNED, ConventionState.NOTICE_PERIOD)
OVER_STATES = (
    ConventionState.TERMINATED,
    ConventionState.EXPIRED,
    ConventionState.ABANDONED,
)
UNSIGNED_STATES = (ConventionState.DRAFT, ConventionState.ABANDONED)
# What follows a convention, or may still follow it.
FOLLOWING_STATES = (ConventionState.DRAFT, *IN_FORCE_STATES)
RENEWABLE_STATES = (*IN_FORCE_STATES, ConventionState.EXPIRED)


class Partnership(Versioned):
    """A parent: its conventions stay within its dates (13)."""

    number = models.CharField("numéro", max_length=40, unique=True)
    partner = models.CharField(
        "partenaire ou réseau",
        max_length=120,
        help_text="Par exemple l’union départementale des CCAS, ou la structure.",
    )
    signed_on = models.DateField("signée le", null=True, blank=True)
    ends_on = models.DateField("prend fin le")

    class Meta:
        verbose_name = "convention de partenariat"
        verbose_name_plural = "conventions de partenariat"
        ordering = ("-ends_on", "number")
        constraints = [
            days_within("signed_on", "ends_on", name="partnership_within_the_years"),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(signed_on__lte=F("ends_on")),
                name="partnership_signed_before_it_ends",
                violation_error_message="La convention de partenariat prend fin avant "
                "sa signature : vérifiez les deux dates.",
            ),
            # The composite foreign key of conventions references it.
            models.UniqueConstraint(
                fields=["id", "ends_on"], name="partnership_with_its_end"
            ),
        ]

    def __str__(self) -> str:
        return f"n° {self.number}, {self.partner}"


@dataclasses.dataclass(frozen=True)
class Terms:
    """Terms of annexe 1 (services) and annexe 2 (quota, correspondents).

    This is the list of them. ``TERMS`` is read by amendments, renewals, documents and
    retention: a new term is a field here, a column ``signed_…`` of the convention, a
    column of the amendment, and their triggers. ``partner_contact`` is the
    *responsable du suivi*.
    """

    consultation: bool
    referrals: bool
    quota: int
    ft_contact: str
    ft_contact_email: str
    ft_contact_phone: str
    partner_contact: str
    partner_contact_email: str
    partner_contact_phone: str

    @property
    def services(self) -> set[Service]:
        granted = {
            Service.CONSULTATION: self.consultation,
            Service.REFERRALS: self.referrals,
        }
        return {service for service, is_granted in granted.items() if is_granted}


TERMS = tuple(field.name for field in dataclasses.fields(Terms))
CONTACTS = [name for name in TERMS if "_contact" in name]


def fold(signed: Terms, amendments: Iterable[Mapping[str, Any]], day: dt.date) -> Terms:
    """Apply ``amendments``: confirmed, by effect, unchanged terms None or ""."""
    terms = signed
    for amendment in amendments:
        if amendment["effective_on"] > day:
            break
        terms = dataclasses.replace(terms, **changes_of(amendment))
    return terms


def changes_of(amendment: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: amendment[name] for name in TERMS if amendment[name] not in (None, "")
    }


# What the document of a convention says of its signature; frozen with the terms.
SIGNATURES = (
    "model_text",
    "partner_signatory",
    "deliberation",
    "deliberated_on",
    "ft_signatory",
    "signing_place",
)


# The columns of an amendment that change terms.
CHANGE = ("effective_on", *TERMS)


class ConventionQuerySet(models.QuerySet[Any]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """Filter those open that day: no job needed (R12)."""
        day = on or timezone.localdate()
        return self.filter(
            state__in=IN_FORCE_STATES, starts_on__lte=day, ends_on__gte=day
        )

    def next_number(self, postcode: str) -> str:
        """Return the next number of the department and of the year."""
        department = department_of_postcode(postcode)
        place = department.code if department else postcode[:2]
        start = f"CA-{place}-{timezone.localdate():%Y}-"
        known = self.filter(number__startswith=start).values_list("number", flat=True)
        ends = (re.search(r"-(\d+)$", number) for number in known)
        rank = max((int(end[1]) for end in ends if end), default=0) + 1
        return f"{start}{rank:03}"

    def ever_signed(self) -> Self:
        return self.exclude(state__in=UNSIGNED_STATES)

    def past_their_end(self) -> Self:
        return self.filter(state__in=IN_FORCE_STATES, ends_on__lt=timezone.localdate())

    def to_renew(self) -> Self:
        """Filter those that end soon, which no other follows (art. 13)."""
        last = timezone.localdate() + dt.timedelta(settings.RENEWAL_ANNOUNCED_DAYS)
        following = self.model.objects.filter(
            structure=OuterRef("structure"),
            state__in=FOLLOWING_STATES,
            starts_on__gt=OuterRef("ends_on"),
        )
        # One under notice ends because somebody decided it.
        ending = self.in_force().filter(state=ConventionState.SIGNED)
        return ending.filter(~Exists(following), ends_on__lte=last)

    def renewals_to_sign(self) -> Self:
        return self.filter(state=ConventionState.DRAFT, renews__isnull=False)

    def without_review(self) -> Self:
        """Filter those without a meeting for a year (11)."""
        meetings = apps.get_model("accounts", "ReviewMeeting").objects
        since = add_months(timezone.localdate(), -settings.MEETING_EVERY_MONTHS)
        lately = meetings.held().filter(held_on__gte=since)
        return (
            self.in_force()
            .filter(starts_on__lte=since)
            .filter(~Exists(lately.filter(convention=OuterRef("pk"))))
        )

    def with_terms(self) -> Self:
        """Prefetch amendments for ``terms``; not under a lock."""
        amendments = apps.get_model("accounts", "Amendment").objects
        changes = (
            amendments.confirmed()
            .in_order()
            .filter(convention=OuterRef("pk"))
            .values(row=JSONObject(pk="pk", **{name: name for name in CHANGE}))
        )
        return self.annotate(loaded_changes=ArraySubquery(changes))


CONSTRAINTS = [
    days_within(
        "signed_by_ft_on",
        "signed_by_structure_on",
        "starts_on",
        "ends_on",
        "parent_ends_on",
        name="convention_within_the_years",
    ),
    phones_written(
        "signed_ft_contact_phone",
        "signed_partner_contact_phone",
        name="phones_of_a_convention",
    ),
    models.CheckConstraint(
        condition=Q(ends_on__gte=F("starts_on")),
        name="convention_ends_after_it_starts",
        violation_error_message="La convention prend fin avant de prendre "
        "effet : vérifiez les deux dates.",
    ),
    models.CheckConstraint(
        # A terminated one may have had a longer term.
        condition=Q(state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED))
        | Q(ends_on__lte=F("parent_ends_on")),
        name="convention_within_its_parent",
        violation_error_message="La convention d’application ne peut pas durer "
        "plus que la convention de partenariat (art. 13).",
    ),
    models.CheckConstraint(
        condition=Q(state__in=UNSIGNED_STATES)
        | Q(
            signed_by_ft_on__isnull=False,
            signed_by_structure_on__isnull=False,
            signed_by_ft_on__lte=F("starts_on"),
            signed_by_structure_on__lte=F("starts_on"),
        ),
        name="convention_signed_before_it_starts",
        violation_error_message="Une convention signée porte ses deux dates "
        "de signature, et ne prend pas effet avant la dernière (art. 13).",
    ),
    days_within("deliberated_on", name="deliberation_within_the_years"),
    models.CheckConstraint(
        condition=Q(deliberated_on=None)
        | Q(signed_by_structure_on=None)
        | Q(deliberated_on__lte=F("signed_by_structure_on")),
        name="deliberation_precedes_the_signature",
        violation_error_message="La délibération autorise la signature : elle ne "
        "la suit pas.",
    ),
    known(ConventionState, "convention_state_is_known"),
    ExclusionConstraint(
        name="one_convention_in_force",
        expressions=[
            ("structure", RangeOperators.EQUAL),
            (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
        ],
        condition=Q(state__in=IN_FORCE_STATES),
        violation_error_message="Une autre convention de cette structure "
        "couvre déjà une partie de ces dates.",
    ),
    ExclusionConstraint(
        expressions=[("renews", RangeOperators.EQUAL)],
        condition=~Q(state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED)),
        name="one_renewal_at_a_time",
        violation_error_message="Le renouvellement de cette convention est déjà "
        "préparé : ouvrez-le depuis sa fiche.",
    ),
]


# Days before the end on which accounts are notified; pages warn from the first.
TOLD_DAYS_BEFORE = (30, 7)


ONE_DAY = dt.timedelta(days=1)


class Convention(Versioned, Stateful):
    """A convention d'application between France Travail and a structure.

    It cannot outlive its *convention de partenariat* (art. 13). A right that ends on a
    day ends at 24:00 Europe/Paris. The database refuses changes of ``signed_…`` fields;
    ``quota``, ``services`` and correspondents include amendments (art. 5.2).
    """

    MOVES = {
        ConventionState.DRAFT: {ConventionState.SIGNED, ConventionState.ABANDONED},
        ConventionState.SIGNED: {
            ConventionState.NOTICE_PERIOD,
            ConventionState.TERMINATED,
            ConventionState.EXPIRED,
        },
        ConventionState.NOTICE_PERIOD: {
            ConventionState.TERMINATED,
            ConventionState.EXPIRED,
        },
    }

    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="conventions"
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        verbose_name="agence signataire",
        related_name="conventions",
    )
    state = state_field(ConventionState.DRAFT)
    number = models.CharField("numéro", max_length=40, unique=True)
    parent = models.ForeignKey(
        Partnership,
        models.PROTECT,
        verbose_name="convention de partenariat",
        related_name="conventions",
    )
    renews = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="renouvelle",
        null=True,
        blank=True,
        editable=False,
        related_name="renewals",
        db_index=False,
    )
    keeps_rgc = models.BooleanField(
        "reconduire le RGC",
        default=False,
        db_default=False,
        help_text="Le RGC de la convention renouvelée garde sa fonction dans "
        "celle-ci, sans nouvelle nomination. Il la prend à la signature.",
    )
    # The parent's own end, copied and kept equal by a composite foreign key, so that
    # one check on this row covers both.
    parent_ends_on = models.DateField(
        "fin de la convention de partenariat", editable=False
    )
    signed_by_ft_on = models.DateField(
        "signée par France Travail le", null=True, blank=True
    )
    signed_by_structure_on = models.DateField(
        "signée par la structure le", null=True, blank=True
    )
    starts_on = models.DateField(
        "prend effet le",
        help_text="Au plus tôt le jour de la dernière des deux signatures (art. 13).",
    )
    ends_on = models.DateField("prend fin le")
    signed_consultation = models.BooleanField(
        "consultation des offres",
        default=True,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    signed_referrals = models.BooleanField(
        "délégation de la mise en relation",
        default=False,
        help_text="Annexe 1 : O si coché, N sinon.",
    )
    signed_quota = models.PositiveSmallIntegerField(
        "comptes utilisateurs actifs",
        help_text="Annexe 2 : nombre maximal de comptes actifs, RGC non compté.",
    )
    signed_ft_contact = NameField(
        "correspondant France Travail",
        max_length=120,
        blank=True,
        help_text="Prénom, nom et fonction.",
    )
    signed_ft_contact_email = models.EmailField(
        "courriel du correspondant France Travail",
        blank=True,
        help_text="Elle reçoit les alertes : elle est nécessaire à la signature.",
    )
    signed_ft_contact_phone = phone_field("téléphone du correspondant France Travail")
    signed_partner_contact = NameField(
        "responsable du suivi",
        max_length=120,
        blank=True,
        help_text="Prénom, nom et fonction de la personne qui suit la convention dans "
        "la structure : nécessaire à la signature.",
    )
    signed_partner_contact_email = models.EmailField(
        "courriel du responsable du suivi",
        blank=True,
        help_text="Elle est nécessaire à la signature.",
    )
    signed_partner_contact_phone = phone_field("téléphone du responsable du suivi")
    model_text = models.ForeignKey(
        "accounts.ModelText",
        models.PROTECT,
        verbose_name="texte modèle",
        related_name="+",
        limit_choices_to={"published_at__isnull": False},
        null=True,
        blank=True,
        # Few rows: no index, whose making would lock the table during an update.
        db_index=False,
        help_text="Sans choix, la dernière version publiée au jour de la signature. La "
        "convention la garde ensuite.",
    )
    partner_signatory = NameField(
        "signataire de la structure",
        max_length=120,
        blank=True,
        db_default="",
        help_text="Prénom, nom et fonction : par exemple, maire et président du CCAS.",
    )
    deliberation = models.CharField(
        "délibération",
        max_length=60,
        blank=True,
        db_default="",
        help_text="Numéro de la délibération qui autorise la signature : nécessaire "
        "si la structure est une collectivité ou son établissement.",
    )
    deliberated_on = models.DateField("délibération du", null=True, blank=True)
    ft_signatory = NameField(
        "signataire de France Travail",
        max_length=120,
        blank=True,
        db_default="",
        help_text="Prénom, nom et fonction.",
    )
    signing_place = models.CharField(
        "lieu de signature",
        max_length=80,
        blank=True,
        db_default="",
        help_text="Sans réponse, la ville de la structure.",
    )

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ("-starts_on",)
        constraints = CONSTRAINTS

    def __str__(self) -> str:
        return f"convention n° {self.number}"

    @property
    def signed_on(self) -> dt.date | None:
        """Return the day of the later signature (art. 13)."""
        days = [self.signed_by_ft_on, self.signed_by_structure_on]
        return max((day for day in days if day), default=None)

    def is_in_force(self, on: dt.date | None = None) -> bool:
        day = on or timezone.localdate()
        is_signed = self.state in IN_FORCE_STATES
        return is_signed and self.starts_on <= day <= self.ends_on

    # --- Terms: what is in force on a day (art. 5.2) --------------------------------

    def confirmed_changes(self) -> list[dict[str, Any]]:
        loaded = self.__dict__.get("loaded_changes")
        if loaded is None:
            amendments = apps.get_model("accounts", "Amendment").objects
            rows = amendments.confirmed().in_order().filter(convention=self.pk)
            return list(rows.values("pk", *CHANGE))
        return [
            row | {"effective_on": dt.date.fromisoformat(row["effective_on"])}
            for row in loaded
        ]

    def fold(self, changes: Iterable[Mapping[str, Any]], day: dt.date) -> Terms:
        """Apply changes to the signed terms, up to that day."""
        signed = Terms(**{name: getattr(self, f"signed_{name}") for name in TERMS})
        return fold(signed, changes, day)

    def terms_on(self, day: dt.date) -> Terms:
        """Return that day's terms: no job needed (R12)."""
        return self.fold(self.confirmed_changes(), day)

    @property
    def terms(self) -> Terms:
        return self.terms_on(timezone.localdate())

    @property
    def services(self) -> set[Service]:
        return self.terms.services

    @property
    def quota(self) -> int:
        return self.terms.quota

    @property
    def next_quota(self) -> tuple[dt.date, int] | None:
        today = timezone.localdate()
        for row in self.confirmed_changes():
            if row["effective_on"] > today and row["quota"] is not None:
                return row["effective_on"], row["quota"]
        return None

    @property
    def ft_contact(self) -> str:
        return self.terms.ft_contact

    @property
    def ft_contact_email(self) -> str:
        return self.terms.ft_contact_email

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("loaded_changes", None)
        super().refresh_from_db(*args, **kwargs)

    # --- Its end --------------------------------------------------------------------

    @property
    def days_left(self) -> int:
        return days_until(self.ends_on)

    @property
    def ends_soon(self) -> bool:
        return self.is_in_force() and self.days_left <= max(TOLD_DAYS_BEFORE)

    @property
    def ended_early_on(self) -> dt.date | None:
        """Return the day of an early termination (art. 12)."""
        closed_at = self.ended_early_at
        return closed_at.date() if closed_at else None

    @property
    def ended_early_at(self) -> dt.datetime | None:
        """Return the instant at which two people closed it (art. 12)."""
        if self.state != ConventionState.TERMINATED:
            return None
        step = self.steps.filter(target=ConventionState.TERMINATED).last()
        if step is None or timezone.localdate(step.at) > self.ends_on:
            return None
        return timezone.localtime(step.at)

    @property
    def early_end(self) -> Any:
        """Return the confirmed early end that set its last day, if any."""
        confirmed = self.endings.filter(confirmed_at__isnull=False)
        return confirmed.order_by("confirmed_at", "pk").last()

    @property
    def end_set_by(self) -> str:
        """Return a key of the last decision on its end, else empty."""
        moved = self.amendments.confirmed().exclude(ends_on=None)
        amendment = moved.order_by("confirmed_at", "pk").last()
        if ending := self.early_end:
            return f"fin{ending.pk}"
        return f"avenant{amendment.pk}" if amendment else ""

    # --- What follows it (art. 13) --------------------------------------------------

    @property
    def following(self) -> Convention | None:
        """Return the signed convention that begins after this one."""
        later = Convention.objects.filter(
            structure=self.structure_id,
            state__in=IN_FORCE_STATES,
            starts_on__gt=self.ends_on,
        )
        return later.order_by("starts_on").first()

    @property
    def goes_on(self) -> bool:
        """Return whether access continues on the day after its end."""
        following = self.following
        return bool(following and following.starts_on == self.ends_on + ONE_DAY)

    @property
    def renewal(self) -> Convention | None:
        return self.renewals.filter(state__in=FOLLOWING_STATES).first()

    @property
    def is_to_renew(self) -> bool:
        if self.days_left > settings.RENEWAL_ANNOUNCED_DAYS:
            return False
        return Convention.objects.to_renew().filter(pk=self.pk).exists()

    @property
    def gap(self) -> tuple[dt.date, dt.date] | None:
        """Return the days without access after the convention it renews."""
        if self.renews is None or self.state not in FOLLOWING_STATES:
            return None
        ended_on = self.renews.ended_early_on or self.renews.ends_on
        first, last = ended_on + ONE_DAY, self.starts_on - ONE_DAY
        return (first, last) if first <= last else None

    @property
    def has_rgc_on_its_first_day(self) -> bool:
        nominations = apps.get_model("accounts", "Nomination").objects
        return nominations.on_the_first_day().filter(convention=self.pk).exists()

    @property
    def excess(self) -> int:
        """Return how many open accounts exceed what would be signed."""
        counted = User.objects.counted().filter(structure=self.structure_id).count()
        return max(0, counted - self.signed_quota)

    # --- Its moves ------------------------------------------------------------------

    def missing_to_sign(self) -> list[str]:
        needed = {
            "signed_ft_contact_email": "l’adresse de courriel du correspondant France "
            "Travail, qui reçoit les alertes (annexe 2)",
            "signed_partner_contact": "le responsable du suivi (annexe 2)",
            "signed_partner_contact_email": "l’adresse de courriel du responsable du "
            "suivi (annexe 2)",
            "partner_signatory": "le signataire de la structure",
            "ft_signatory": "le signataire de France Travail",
        }
        if self.structure.is_public_body:
            needed["deliberation"] = "le numéro de la délibération"
            needed["deliberated_on"] = "la date de la délibération"
        return [words for name, words in needed.items() if not getattr(self, name)]

    def text_to_sign(self) -> Any:
        """Return the chosen model text, else the latest published."""
        latest = apps.get_model("accounts", "ModelText").objects.latest_published
        return self.model_text or latest()

    def sign(
        self,
        *,
        by: User,
        signed_by_ft_on: dt.date | None = None,
        signed_by_structure_on: dt.date | None = None,
        accepts_excess: bool = False,
    ) -> None:
        """Sign it and carry its RGC over (art. 13).

        Raises MoveRefused if something lacks, or with more open accounts than it grants
        unless that is accepted.
        """
        if missing := self.missing_to_sign():
            raise MoveRefused(
                f"Complétez d’abord la fiche : il manque {', '.join(missing)}."
            )
        excess = self.excess
        if excess and not accepts_excess:
            raise MoveRefused(
                f"La structure a {self.signed_quota + excess} comptes ouverts et la "
                f"convention en prévoit {self.signed_quota} (annexe 2) : acceptez "
                "qu’ils restent ouverts, ou modifiez d’abord le projet."
            )
        by_ft = signed_by_ft_on or self.signed_by_ft_on
        by_structure = signed_by_structure_on or self.signed_by_structure_on
        days = [day for day in (self.starts_on, by_ft, by_structure) if day]
        self.move_to(
            ConventionState.SIGNED,
            by=by,
            note={"excess": excess} if excess else {},
            starts_on=max(days),
            model_text=self.text_to_sign(),
            signed_by_ft_on=by_ft,
            signed_by_structure_on=by_structure,
        )
        if self.renews_id:
            apps.get_model("accounts", "Nomination").objects.carry_over(
                self.renews_id, by=by
            )

    def abandon(self, *, by: User | None) -> None:
        """Give a draft up; its number stays taken."""
        self.move_to(ConventionState.ABANDONED, by=by)

    def give_notice(self, *, by: User, ends_on: dt.date) -> None:
        """Announce the early end that two people confirmed (S28)."""
        self.move_to(ConventionState.NOTICE_PERIOD, by=by, ends_on=ends_on)

    def terminate(self, *, by: User | None) -> None:
        self.move_to(ConventionState.TERMINATED, by=by)

    def expire(self, *, by: User | None) -> None:
        self.move_to(ConventionState.EXPIRED, by=by)


def convention_key(related_name: str) -> models.ForeignKey[Convention, Convention]:
    return models.ForeignKey(
        Convention, models.PROTECT, verbose_name="convention", related_name=related_name
    )


class ConventionStep(Step):
    convention = step_key(Convention, "convention")

    class Meta(Step.Meta):
        verbose_name = "étape d’une convention"
        verbose_name_plural = "étapes d’une convention"
