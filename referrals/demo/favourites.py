"""Offers that the demonstration's adviser keeps, and what she watches for whom."""

import datetime as dt

from django.utils import timezone

from accounts.models import User
from offers.criteria import Criteria
from offers.models import Offer
from referrals.actions import favourites, watches
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.models import Favourite, Referral, Watch

WATCHES = (
    ("Benali", "lieu=38193&rayon=30&contrat=CDI&temps=plein"),
    ("Benali", "q=manutentionnaire&lieu=38"),
    ("Petitjean", "q=vendeur&lieu=38193&rayon=20"),
)


def seed_favourites() -> int:
    """Keep some offers; none where Claire keeps one already.

    Returns:
        How many were kept.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
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
        favourites.keep(offer, by=claire, candidates=[karim.pk])
    for offer in direct[2:5]:
        favourites.keep(offer, by=claire, candidates=[marie.pk])
    for offer in direct[5:6]:
        favourites.keep(offer, by=claire, for_nobody=True)
    # Kept before France Travail withdrew it.
    gone = Offer.objects.exclude(pk__in=Offer.objects.active()).order_by("pk")[:1]
    Favourite.objects.bulk_create(
        Favourite(candidate=karim, offer=offer) for offer in gone
    )
    return Favourite.objects.visible_to(claire).count()


def seed_watches() -> int:
    """Watch for two persons, with offers that came in since they were last looked at;
    none where one watches already.

    Returns:
        How many watches were begun.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if Watch.objects.visible_to(claire).exists():
        return 0
    for last_name, query in WATCHES:
        candidate = claire.candidates.get(last_name=last_name)
        watches.begin(Criteria.from_text(query), candidate, by=claire)
    before = timezone.now() - dt.timedelta(days=1)
    return Watch.objects.visible_to(claire).update(
        seen_until=before, looked_at=before, told_until=before, mail_from=before
    )
