import datetime as dt

from django.db.models import F
from django.utils import timezone

from demo.offers import AGENCY
from demo.people import ADVISER
from offers.catalogue.models import Offer, OfferSearch
from offers.catalogue.writes import writing_offers
from offers.page.actions import remember
from offers.search.criteria import Criteria
from offers.search.results import open_offers
from referrals.direct.models import Referral
from referrals.favourites.actions import keep
from referrals.favourites.models import Favourite
from referrals.saved_searches.actions import save_search_for
from referrals.saved_searches.models import AlertPace, SavedSearch

# The last number: days since the last visit.
KEPT = (
    (
        "Bâtiment à 20 km",
        "q=batiment&mots=exacts&lieu=38193&rayon=20",
        AlertPace.AT_ONCE,
        2,
    ),
    ("Aide à domicile en Isère", "q=domicile&mots=exacts&lieu=38", AlertPace.DAILY, 4),
    ("CDI près d’ici", "lieu=38193&contrat=CDI", AlertPace.NONE, 1),
)
FOR_PERSONS = (
    ("Benali", "lieu=38193&rayon=30&contrat=CDI&temps=plein"),
    ("Benali", "q=manutentionnaire&lieu=38"),
    ("Petitjean", "q=vendeur&lieu=38193&rayon=20"),
)
SEEN = 4


def seed_searches() -> int:
    claire = ADVISER.account
    mine = SavedSearch.objects.visible_to(claire)
    if mine.exists() or not OfferSearch.objects.exists():
        return 0
    with writing_offers():
        # Date the arrival of the offers by their creation, not by this load.
        OfferSearch.objects.update(appeared_at=F("created_at"))
    now = timezone.now()
    for last_name, query in FOR_PERSONS:
        candidate = claire.candidates.get(last_name=last_name)
        save_search_for(candidate, Criteria.from_text(query), by=claire)
    yesterday = now - dt.timedelta(days=1)
    mine.update(seen_until=yesterday, opened_at=yesterday, notified_until=yesterday)
    SavedSearch.objects.bulk_create(
        SavedSearch(
            account=claire,
            name=name,
            query=query,
            alert=alert,
            seen_until=now - dt.timedelta(days),
            opened_at=now - dt.timedelta(days),
            notified_until=now,
        )
        for name, query, alert, days in KEPT
    )
    near = OfferSearch.objects.filter(commune_code="38193").order_by("-created_at")
    for offer in open_offers(near.values_list("pk", flat=True)[:SEEN]).values():
        remember(claire, offer)
    return mine.count()


def seed_favourites() -> int:
    claire = ADVISER.account
    if Favourite.objects.visible_to(claire).exists():
        return 0
    near = Offer.objects.active().filter(agency_safir=AGENCY).order_by("-created_at")
    taken = Referral.objects.filter(adviser=claire).values("offer")
    direct = list(near.filter(preselection=False).exclude(pk__in=taken)[:6])
    preselected = list(near.filter(preselection=True)[:1])
    karim, marie = (
        claire.candidates.get(last_name=name) for name in ("Benali", "Petitjean")
    )
    for offer in [*direct[:3], *preselected]:
        keep(offer, by=claire, candidates=[karim.pk])
    for offer in direct[2:5]:
        keep(offer, by=claire, candidates=[marie.pk])
    for offer in direct[5:6]:
        keep(offer, by=claire, for_nobody=True)
    # Kept before France Travail withdrew it.
    gone = Offer.objects.exclude(pk__in=Offer.objects.active()).order_by("pk")[:1]
    Favourite.objects.bulk_create(
        Favourite(candidate=karim, offer=offer) for offer in gone
    )
    return Favourite.objects.visible_to(claire).count()
