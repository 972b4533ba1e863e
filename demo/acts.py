import datetime as dt

from accounts.users.models import User
from demo.agreement import SCAN
from demo.appointments import preselected_offers
from demo.offers import AGENCY
from demo.people import ADVISER
from demo.stories import Gesture, Story, agent, handed_over, moment, play
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.dates import next_working_day
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Channel
from referrals.acts.outcomes import DeclaredBy, Outcome, OutcomeCode
from referrals.acts.states import CancelReason, CvRefusal
from referrals.cv_requests import actions as cv_requests
from referrals.cv_requests.models import CvRequest
from referrals.cv_requests.uploads import read
from referrals.direct.models import Referral
from referrals.follow_up import actions as follow_up
from referrals.follow_up.actions import contact
from referrals.preselection import actions as preselection
from referrals.preselection.forms import requirements_of
from referrals.preselection.models import ScreenedReferral


def contacted() -> Gesture:
    return lambda act, by, day: contact(act, by=by, on=day)


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
    """France Travail's outcome replaces the adviser's."""
    correct = ended(code, DeclaredBy.FRANCE_TRAVAIL)
    return lambda act, by, day: correct(act, agent(), day)


def withdrawn() -> Gesture:
    """The agency suspends the offer."""

    def withdraw(act: Referral, by: User, day: dt.date) -> None:
        with writing_offers():
            Offer.objects.filter(pk=act.offer_id).update(
                state=OfferState.SUSPENDED, state_at=moment(day)
            )

    return withdraw


REFERRALS = (
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
    claire = ADVISER.account
    if Referral.objects.filter(adviser=claire).exists():
        return 0
    offers = Offer.objects.active().filter(agency_safir=AGENCY, preselection=False)
    oldest_first = offers.order_by("created_at", "reference")
    return play(ActKind.REFERRAL, REFERRALS, oldest_first, by=claire)


def received() -> Gesture:
    def receive(act: CvRequest, by: User, day: dt.date) -> None:
        cv_requests.receive(act, by=by, cv=read(SCAN))
        act.files.update(at=moment(day))

    return receive


def not_kept(reason: CvRefusal) -> Gesture:
    return lambda act, by, day: cv_requests.refuse(act, by=agent(), reason=reason)


CV_REQUESTS = (
    Story("Moreira", 0),
    # Due three days ago: overdue.
    Story("Garnier", 10, ((10, handed_over()),)),
    # It waits at the agency.
    Story("Perrin", 4, ((4, handed_over()), (1, received()))),
    Story(
        "Haddad",
        16,
        ((16, handed_over()), (11, received()), (9, not_kept(CvRefusal.EXPERIENCE))),
    ),
)


def seed_cv_requests() -> int:
    claire = ADVISER.account
    if CvRequest.objects.filter(adviser=claire).exists():
        return 0
    return play(
        ActKind.CV_REQUEST,
        CV_REQUESTS,
        preselected_offers(),
        by=claire,
        details=lambda offer, day: {
            "due_on": next_working_day(day + dt.timedelta(days=6))
        },
    )


def shortlisted(act: ScreenedReferral, by: User, day: dt.date) -> None:
    preselection.shortlist(act, by=by)


def presented(act: ScreenedReferral, by: User, day: dt.date) -> None:
    preselection.present(act, by=by, on=day)


def asked_for_more(act: ScreenedReferral, by: User, day: dt.date) -> None:
    question = (
        "Quels jours le candidat est-il libre, et depuis quand a-t-il le permis\xa0?"
    )
    preselection.ask_for_more(act, by=agent(), text=question)


SCREENED = (
    Story("Garnier", 8, ((8, handed_over()), (6, shortlisted), (5, presented))),
    Story("Moreira", 4, ((4, handed_over()), (2, asked_for_more))),
    Story("Benali", 1, ((1, handed_over()),)),
)


def seed_screened() -> int:
    claire = ADVISER.account
    if ScreenedReferral.objects.filter(adviser=claire).exists():
        return 0
    offers = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=True, delegated=True
    )
    return play(
        ActKind.SCREENED_REFERRAL,
        SCREENED,
        offers.order_by("created_at", "pk"),
        by=claire,
        details=lambda offer, day: {"criteria_met": requirements_of(offer)[1:]},
    )
