from accounts.users.models.users import User
from offers.catalogue.models import Offer
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.direct.models import Referral
from referrals.favourites import actions
from referrals.favourites.models import Favourite


def seed_favourites() -> int:
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
        actions.keep(offer, by=claire, candidates=[karim.pk])
    for offer in direct[2:5]:
        actions.keep(offer, by=claire, candidates=[marie.pk])
    for offer in direct[5:6]:
        actions.keep(offer, by=claire, for_nobody=True)
    # Kept before France Travail withdrew it.
    gone = Offer.objects.exclude(pk__in=Offer.objects.active()).order_by("pk")[:1]
    Favourite.objects.bulk_create(
        Favourite(candidate=karim, offer=offer) for offer in gone
    )
    return Favourite.objects.visible_to(claire).count()
