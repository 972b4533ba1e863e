import datetime as dt

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from referrals.acts.act_rights import ActKind
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.demo.stories import Story, agent, handed_over, play
from referrals.preselection import actions
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.offer_criteria import requirements_of


def shortlisted(act: ScreenedReferral, by: User, day: dt.date) -> None:
    actions.shortlist(act, by=by)


def presented(act: ScreenedReferral, by: User, day: dt.date) -> None:
    actions.present(act, by=by, on=day)


def asked_for_more(act: ScreenedReferral, by: User, day: dt.date) -> None:
    actions.ask_for_more(act, by=agent())


STORIES = (
    Story("Garnier", 8, ((8, handed_over()), (6, shortlisted), (5, presented))),
    Story("Moreira", 4, ((4, handed_over()), (2, asked_for_more))),
    Story("Benali", 1, ((1, handed_over()),)),
)


def seed_screened() -> int:
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.screenedreferrals.exists():
        return 0
    offers = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=True, delegated=True
    )
    return play(
        ActKind.SCREENED_REFERRAL,
        STORIES,
        offers.order_by("created_at", "pk"),
        by=claire,
        details=lambda offer, day: {"criteria_met": requirements_of(offer)[1:]},
    )
