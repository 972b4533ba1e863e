from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.agreements.enums import FOLLOWING_STATES, IN_FORCE_STATES, ConventionState
from accounts.agreements.models.convention_queries import CHANGE, ConventionQuerySet
from accounts.agreements.models.convention_rules import CONSTRAINTS
from accounts.agreements.models.partnerships import Partnership
from accounts.agreements.models.signatures import Signatures
from accounts.agreements.models.terms import TERMS, Terms, fold
from accounts.enums import Service
from accounts.structures.models import Agency, Structure
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field, step_key
from opus.lib.database.versions import Versioned
from opus.lib.dates import days_until
from opus.lib.forms.fields import NameField, phone_field

# Days before the end on which accounts are notified; pages warn from the first.
TOLD_DAYS_BEFORE = (30, 7)


ONE_DAY = dt.timedelta(days=1)


class Convention(Signatures, Versioned, Stateful):
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
        if self.renews is None:
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
        self.check_signable()
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
