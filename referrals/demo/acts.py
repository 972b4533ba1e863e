import datetime as dt

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import CancelReason, Channel
from referrals.acts.models.outcomes import DeclaredBy, Outcome, OutcomeCode
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.demo.stories import Gesture, Story, agent, handed_over, moment, play
from referrals.direct import actions
from referrals.direct.models import Referral
from referrals.follow_up import actions as follow_up


def contacted() -> Gesture:
    return lambda act, by, day: actions.contact(act, by=by, on=day)


def interviewed(in_days: int = 0) -> Gesture:
    return lambda act, by, day: follow_up.interview(
        act, by=by, on=day + dt.timedelta(days=in_days)
    )


def ended(code: str, said_by: DeclaredBy = DeclaredBy.CANDIDATE) -> Gesture:
    def end(act: Referral, by: User, day: dt.date) -> None:
        known = OutcomeCode.objects.get(pk=code)
        outcome = follow_up.record_outcome(
            act, by=by, code=known, declared_by=said_by, on=day
        )
        Outcome.objects.filter(pk=outcome.pk).update(at=moment(day))

    return end


def cancelled(reason: CancelReason) -> Gesture:
    def cancel(act: Referral, by: User, day: dt.date) -> None:
        follow_up.cancel(act, by=by, reason=reason)
        act.documents.update(void_at=moment(day))

    return cancel


def corrected_by_the_agency(code: str) -> Gesture:
    """France Travail's outcome replaces the adviser's (design 2.10)."""
    correct = ended(code, DeclaredBy.FRANCE_TRAVAIL)
    return lambda act, by, day: correct(act, agent(), day)


def withdrawn() -> Gesture:
    """The agency suspends the offer (design 2.7)."""

    def withdraw(act: Referral, by: User, day: dt.date) -> None:
        with writing_offers():
            Offer.objects.filter(pk=act.offer_id).update(
                state=OfferState.SUSPENDED, state_at=moment(day)
            )

    return withdraw


STORIES = (
    Story("Benali", 0),
    Story("Moreira", 0),
    Story("Perrin", 1, ((0, handed_over()),)),
    Story("Petitjean", 17, ((16, handed_over(Channel.POST)),)),
    Story("Garnier", 6, ((6, handed_over()), (4, contacted()))),
    Story("Diallo", 9, ((9, handed_over()), (7, contacted()), (3, interviewed(5)))),
    Story("Vernay", 12, ((11, handed_over(Channel.EMAIL)), (5, interviewed()))),
    Story(
        "Charvet",
        25,
        (
            (25, handed_over()),
            (21, contacted()),
            (18, interviewed()),
            (14, ended("embauche", DeclaredBy.EMPLOYER)),
        ),
    ),
    Story("Haddad", 20, ((20, handed_over()), (13, ended("non-retenu-experience")))),
    Story(
        "Saïdi",
        30,
        (
            (29, handed_over(Channel.SMS)),
            (22, ended("sans-nouvelles", DeclaredBy.ADVISER)),
            (19, corrected_by_the_agency("absent")),
        ),
    ),
    Story(
        "Rivoire", 15, ((15, handed_over()), (10, cancelled(CancelReason.CANDIDATE)))
    ),
    Story("Ilić", 3, ((3, handed_over()), (1, withdrawn()))),
    Story(
        "Benali",
        28,
        ((27, handed_over()), (24, contacted()), (20, ended("non-retenu-autre"))),
    ),
)


def seed_acts() -> int:
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.referrals.exists():
        return 0
    offers = Offer.objects.active().filter(agency_safir=AGENCY, preselection=False)
    oldest_first = offers.order_by("created_at", "reference")
    return play(ActKind.REFERRAL, STORIES, oldest_first, by=claire)
