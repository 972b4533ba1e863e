"""Searches that the adviser keeps, with what came in since yesterday (U5)."""

import datetime as dt

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from offers.mirror import writing_offers
from offers.models import AlertPace, OfferSearch, SavedSearch
from offers.search import hits
from offers.seen import remember
from referrals.demo.people import ADVISER

KEPT = (
    ("Bâtiment à 20 km", "q=batiment&lieu=38193&rayon=20", AlertPace.AT_ONCE),
    ("Aide à domicile en Isère", "q=domicile&lieu=38", AlertPace.DAILY),
    ("CDI près d’ici", "lieu=38193&contrat=CDI", AlertPace.NONE),
)
# Opened some days ago, the one more lately than the other.
OPENED = (dt.timedelta(days=2), dt.timedelta(days=4), dt.timedelta(days=1))
SEEN = 4


def seed_searches() -> int:
    """Bring them, and a few offers that she opened; nothing where she keeps some.

    Returns:
        How many searches were brought.
    """
    claire = User.objects.get(identifier=ADVISER.identifier)
    if claire.saved_searches.exists() or not OfferSearch.objects.exists():
        return 0
    with writing_offers():
        # Loaded a moment ago, they came in when France Travail made them.
        OfferSearch.objects.update(appeared_at=F("created_at"))
    now = timezone.now()
    SavedSearch.objects.bulk_create(
        SavedSearch(
            account=claire,
            name=name,
            query=query,
            alert=alert,
            opened_at=now - opened,
            told_until=now,
        )
        for (name, query, alert), opened in zip(KEPT, OPENED, strict=True)
    )
    near = OfferSearch.objects.filter(commune_code="38193").order_by("-created_at")
    for hit in hits(near[:SEEN]):
        remember(claire, hit.offer)
    return len(KEPT)
