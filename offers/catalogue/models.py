from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.structures.models import Agency
from offers.enums import Mode, OfferState, PlaceSource
from offers.payload.contacts import without_contacts
from opus.lib.database.states import known

# An event's sequence is a decimal string, compared as a number.
SEQUENCE_DIGITS = 38


def sequence_field(label: str) -> models.DecimalField:
    """Return a field for an event's sequence, null without event."""
    return models.DecimalField(
        label, max_digits=SEQUENCE_DIGITS, decimal_places=0, null=True, editable=False
    )


# Texts shown to partners that may contain the employer's contact.
TEXTS = (
    *("title", "description", "rome_label", "appellation", "company"),
    *("contract_label", "nature_label", "experience_label", "hours_label"),
    *("salary_label", "place_label", "details", "skills_text"),
)


class OfferQuerySet(models.QuerySet["Offer"]):
    def active(self) -> Self:
        return self.filter(state=OfferState.ACTIVE)


class Offer(models.Model):
    """A job offer of France Travail, read-only (art. 3.1, 7).

    Rows contain the texts as received; reading them masks the employer's phone, e-mail
    and links in preselected offers (S22).
    """

    reference = models.CharField("n° d’offre", max_length=20, primary_key=True)
    state = models.CharField(
        "état", max_length=12, choices=OfferState, default=OfferState.ACTIVE
    )
    state_at = models.DateTimeField("dans cet état depuis", db_default=Now())
    title = models.CharField("intitulé", max_length=300)
    description = models.TextField("description", blank=True)
    created_at = models.DateTimeField("créée le")
    updated_at = models.DateTimeField("actualisée le")
    rome_code = models.CharField("code ROME", max_length=5, blank=True)
    rome_label = models.CharField("métier", max_length=200, blank=True)
    appellation = models.CharField("appellation", max_length=200, blank=True)
    company = models.CharField("entreprise", max_length=200, blank=True)
    contract = models.CharField("contrat (code)", max_length=3, blank=True)
    contract_label = models.CharField("contrat", max_length=120, blank=True)
    nature = models.CharField("nature (code)", max_length=2, blank=True)
    nature_label = models.CharField("nature du contrat", max_length=80, blank=True)
    experience = models.CharField("expérience (code)", max_length=1, blank=True)
    experience_label = models.CharField("expérience", max_length=120, blank=True)
    hours_label = models.CharField("durée du travail", max_length=120, blank=True)
    weekly_hours = models.DecimalField(
        "heures par semaine", max_digits=4, decimal_places=2, null=True
    )
    full_time = models.BooleanField("temps plein", null=True)
    salary_label = models.CharField("salaire", max_length=200, blank=True)
    posts = models.PositiveIntegerField("postes", null=True)
    accessible_th = models.BooleanField(
        "accessible aux travailleurs handicapés", null=True
    )
    few_candidates = models.BooleanField("peu de candidats", null=True)
    # Codes that the search filters by; null if the offer has none.
    permits = ArrayField(
        models.CharField(max_length=4), verbose_name="permis", null=True
    )
    skills = ArrayField(
        models.IntegerField(), verbose_name="compétences (codes)", null=True
    )
    training = models.PositiveSmallIntegerField(
        "formation (niveau)", null=True, help_text="0, 2, puis de 3 (CAP) à 7 (Bac+5)."
    )
    is_cadre = models.BooleanField("cadre", null=True)
    pay_least = models.PositiveIntegerField("salaire brut par mois, de", null=True)
    pay_most = models.PositiveIntegerField("salaire brut par mois, à", null=True)
    contract_months = models.DecimalField(
        "durée du contrat (mois)", max_digits=5, decimal_places=1, null=True
    )
    adapted = models.BooleanField("entreprise adaptée", null=True)
    handi_engaged = models.BooleanField("employeur handi-engagé", null=True)
    sector = models.CharField(
        "secteur (division NAF)", max_length=2, blank=True, db_default=""
    )
    from_partner = models.BooleanField("publiée par un partenaire", null=True)
    place_label = models.CharField("lieu", max_length=120, blank=True)
    commune_code = models.CharField("code INSEE", max_length=5, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    department = models.CharField("département", max_length=3, blank=True)
    region = models.CharField("région", max_length=2, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    place_source = models.CharField(
        "lieu trouvé par", max_length=12, choices=PlaceSource, default=PlaceSource.NONE
    )
    # The ``opus`` object of the feed. Without it the mode is inferred.
    published = models.BooleanField("publiée ailleurs", default=True)
    preselection = models.BooleanField("avec présélection", default=False)
    delegated = models.BooleanField("mise en relation déléguée", default=False)
    mode_declared = models.BooleanField(
        "mode déclaré par France Travail",
        default=False,
        help_text="Faux : le mode est déduit du contenu de l’offre.",
    )
    agency_safir = models.CharField("agence (SAFIR)", max_length=5, blank=True)
    posts_left = models.PositiveIntegerField("postes restants", null=True)
    # Written by a trigger; empty: the content's instant.
    posts_left_at = models.DateTimeField(
        "postes restants connus le", null=True, editable=False
    )
    # Source of content, state and mode: the highest sequence of an event that gave it;
    # for a mode from a file, the date of the content in that file.
    content_sequence = sequence_field("n° d’évènement du contenu")
    state_sequence = sequence_field("n° d’évènement de l’état")
    mode_sequence = sequence_field("n° d’évènement du mode")
    mode_at = models.DateTimeField("mode déclaré le", null=True)
    # Other parts of the page, cleaned; then skills as text for the search.
    details = models.JSONField("autres rubriques", default=dict)
    skills_text = models.TextField(blank=True)
    # The employer's contacts in these texts; found in any mode, which may change alone.
    contacts = ArrayField(
        models.TextField(), verbose_name="coordonnées dans les textes", null=True
    )
    # Of the content, then of its line: an unchanged offer is not written again.
    content_hash = models.BinaryField(max_length=32)
    imported_at = models.DateTimeField("reçue le", db_default=Now())

    objects = OfferQuerySet.as_manager()

    # The masked texts, as received.
    received: Mapping[str, Any] = MappingProxyType({})

    class Meta:
        verbose_name = "offre"
        ordering = ("-created_at", "reference")
        indexes = [models.Index(fields=["agency_safir"], name="offer_agency")]
        constraints = [
            known(OfferState, "offer_state_is_known"),
            models.CheckConstraint(
                condition=Q(preselection=True) | Q(delegated=False),
                name="only_preselection_is_delegated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.reference})"

    def get_absolute_url(self) -> str:
        return reverse("offer", args=[self.reference])

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> Self:
        """Mask contacts on reading, for all pages, files and e-mails."""
        offer = super().from_db(*args, **options)
        read = offer.__dict__
        received = {name: read[name] for name in TEXTS if name in read}
        if received and not offer.shows_employer_contact and offer.contacts:
            offer.received = received
            for name, text in received.items():
                setattr(offer, name, without_contacts(text, offer.contacts))
        return offer

    def as_received(self) -> Self:
        """Return the offer without masks, for France Travail."""
        for name, text in self.received.items():
            setattr(self, name, text)
        return self

    @property
    def is_active(self) -> bool:
        return self.state == OfferState.ACTIVE

    @property
    def mode(self) -> Mode:
        if not self.preselection:
            return Mode.DIRECT
        return Mode.DELEGATED if self.delegated else Mode.PRESELECTED

    @cached_property
    def agency(self) -> Agency | None:
        return Agency.objects.filter(safir=self.agency_safir).first()

    @property
    def version(self) -> str:
        """Identify content and mode, to confirm what was shown."""
        return f"{self.mode}-{bytes(self.content_hash).hex()[:32]}"

    @property
    def shows_employer_contact(self) -> bool:
        """Return whether partners may read the employer's contact."""
        return not self.preselection


class OfferSearch(models.Model):
    """An *active* offer, written by trigger, for lists (R1)."""

    offer = models.OneToOneField(
        Offer, models.CASCADE, primary_key=True, related_name="search"
    )
    vector = SearchVectorField()
    created_at = models.DateTimeField()
    # When the offer became active, for the first time or again; later changes keep it.
    # An offer is new since a moment if it appeared after it.
    appeared_at = models.DateTimeField(db_default=Now())
    contract = models.CharField(max_length=3)
    nature = models.CharField(max_length=2)
    experience = models.CharField(max_length=1)
    full_time = models.BooleanField(null=True)
    accessible_th = models.BooleanField(null=True)
    few_candidates = models.BooleanField(null=True)
    adapted = models.BooleanField(null=True)
    handi_engaged = models.BooleanField(null=True)
    is_cadre = models.BooleanField(null=True)
    from_partner = models.BooleanField(null=True)
    training = models.PositiveSmallIntegerField(null=True)
    # The key of its ``Appellation``.
    appellation = models.BigIntegerField(null=True)
    permits = ArrayField(models.CharField(max_length=4), null=True)
    skills = ArrayField(models.IntegerField(), null=True)
    pay_most = models.PositiveIntegerField(null=True)
    weekly_hours = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    contract_months = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    sector = models.CharField(max_length=2, db_default="")
    rome_code = models.CharField(max_length=5)
    published = models.BooleanField()
    mode = models.CharField(max_length=12)
    commune_code = models.CharField(max_length=5)
    department = models.CharField(max_length=3)
    region = models.CharField(max_length=2)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        verbose_name = "offre indexée"
        verbose_name_plural = "offres indexées"
        indexes = [
            # Words and tags share one index, the date index includes the filters: both
            # are in SQL: ``offers/migrations/sql/search.sql``.
            models.Index(fields=["department", "-created_at"], name="search_dept"),
            models.Index(fields=["region", "-created_at"], name="search_region"),
            models.Index(fields=["rome_code", "-created_at"], name="search_rome"),
            models.Index(
                fields=["appellation", "-created_at"], name="search_appellation"
            ),
            models.Index(fields=["appeared_at"], name="search_appeared"),
            # Rare codes: the date index would look for them in all offers.
            GinIndex(
                fields=["skills"],
                name="search_skills",
                condition=Q(skills__isnull=False),
            ),
            GinIndex(
                fields=["permits"],
                name="search_permits",
                condition=Q(permits__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.offer_id


class OfferStep(models.Model):
    """One change of state, written by a trigger."""

    offer = models.ForeignKey(
        Offer, models.CASCADE, verbose_name="offre", related_name="steps"
    )
    origin = models.CharField("de", max_length=12, blank=True)
    target = models.CharField("à", max_length=12)
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "changement d’état d’une offre"
        verbose_name_plural = "changements d’état des offres"
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.origin or '·'} → {self.target}"
