"""Offers, with a trait for each mode and state."""

import datetime as dt
import json
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from offers.catalogue.models import Offer, OfferSearch
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent
from offers.pull.models import FindingKind, PullFinding, PullKind, PullRun


class OfferFactory(DjangoModelFactory):
    """A mason's job at L'Isle-d'Abeau, without preselection."""

    class Meta:
        model = Offer

    class Params:
        delegated_preselection = factory.Trait(
            preselection=True, delegated=True, mode_declared=True
        )
        preselected = factory.Trait(preselection=True, mode_declared=True)
        unpublished = factory.Trait(published=False, mode_declared=True)
        suspended = factory.Trait(state=OfferState.SUSPENDED)
        cancelled = factory.Trait(state=OfferState.CANCELLED)

    reference = factory.Sequence(lambda n: f"{100 + n // 676:03d}ES{letters(n)}")
    title = "Maçon / Maçonne (H/F)"
    description = "Vous montez des murs et coulez des dalles sur nos chantiers."
    created_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=2))
    updated_at = factory.SelfAttribute("created_at")
    rome_code = "F1703"
    rome_label = "Maçon / Maçonne"
    appellation = "Maçon / Maçonne"
    company = "Bâti d’essai"
    contract = "CDI"
    contract_label = "Contrat à durée indéterminée"
    nature = "E1"
    nature_label = "Contrat travail"
    experience = "D"
    experience_label = "Débutant accepté"
    hours_label = "35 h"
    full_time = True
    salary_label = "Mensuel de 2050 euros à 2300 euros"
    posts = 2
    place_label = "38 - L’Isle-d’Abeau"
    commune_code = "38193"
    postcode = "38080"
    department = "38"
    region = "84"
    latitude = 45.6194
    longitude = 5.2274
    place_source = "fourni"
    agency_safir = "38086"
    details = factory.LazyFunction(
        lambda: {
            "contact": {"nom": "M. Essai", "courriel": "recrutement@employeur.example"}
        }
    )
    content_hash = factory.LazyAttribute(lambda offer: offer.reference.encode())

    @classmethod
    def _create(cls, model_class: type[Offer], *args: Any, **kwargs: Any) -> Offer:
        with writing_offers():
            return super()._create(model_class, *args, **kwargs)


class FeedDeliveryFactory(DjangoModelFactory):
    """A batch of one event, accepted."""

    class Meta:
        model = FeedDelivery

    channel = "evenements"
    key = factory.Sequence(lambda n: f"{n:064d}")
    received = 1
    applied = 1
    lag_seconds = 8.0


class FeedEventFactory(DjangoModelFactory):
    class Meta:
        model = FeedEvent

    event_id = factory.Sequence(lambda n: f"evt-{n}-taken")
    reference = "188VMCV"
    sequence = factory.Sequence(int)
    kind = "suspendue"


class PullRunFactory(DjangoModelFactory):
    """A comparison that came to its end an instant ago."""

    class Meta:
        model = PullRun

    kind = PullKind.COMPARISON
    started_at = factory.LazyFunction(timezone.now)
    ended_at = factory.SelfAttribute("started_at")
    covers_from = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    covers_to = factory.SelfAttribute("started_at")
    read_to = factory.SelfAttribute("started_at")
    step = dt.timedelta(days=1)
    read = 2_000
    unchanged = 1_995
    created = 3
    withdrawn = 2


class PullFindingFactory(DjangoModelFactory):
    class Meta:
        model = PullFinding

    run = factory.SubFactory(PullRunFactory)
    reference = "188VMCV"
    kind = FindingKind.WITHDRAWN


class RejectedEventFactory(DjangoModelFactory):
    """An event that an earlier Opus could not read, and that today's can."""

    class Meta:
        model = EventQuarantine

    event_id = factory.Sequence(lambda n: f"evt-{n}-rejected")
    reference = "188VMCV"
    reason = "« type » : évènement inconnu."
    fingerprint = factory.Sequence(lambda n: f"{n:064d}")
    raw = factory.LazyAttribute(
        lambda rejected: json.dumps(
            {
                "specversion": "1.0",
                "id": rejected.event_id,
                "source": "/francetravail/offres",
                "type": "fr.francetravail.offre.suspendue",
                "subject": rejected.reference,
                "sequence": "5",
            }
        )
    )


def letters(n: int) -> str:
    """Two capital letters, growing with n."""
    return chr(65 + n // 26 % 26) + chr(65 + n % 26)


def arrive(offer: Offer, *, minutes: float = 5) -> Offer:
    """Have an offer come in that many minutes ago."""
    at = timezone.now() - dt.timedelta(minutes=minutes)
    with writing_offers():
        OfferSearch.objects.filter(pk=offer.pk).update(appeared_at=at)
    return offer


def withdraw(offer: Offer, state: OfferState = OfferState.SUSPENDED) -> None:
    """What the feed does when an agent suspends an offer."""
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(state=state, state_at=timezone.now())
    offer.refresh_from_db()
