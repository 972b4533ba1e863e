"""The rights of both sides on an application with preselection.

``judge`` is pure (art. 3.2). The adviser preselects if the
offer delegates it, else France Travail.
"""

import enum
from collections.abc import Mapping

from offers.enums import Mode, OfferState
from referrals.acts.act_rights import Permission, Verdict
from referrals.acts.states import SCREENED_LIVE, ScreenedState

S = ScreenedState


class Side(enum.Enum):
    """The person's adviser, or the offer's agency."""

    ADVISER = "adviser"
    FRANCE_TRAVAIL = "france_travail"


class Gesture(enum.Enum):
    HAND_OVER = "hand_over"
    COMPLETE = "complete"
    CANCEL = "cancel"
    SHORTLIST = "shortlist"
    SET_ASIDE = "set_aside"
    PRESENT = "present"
    ASK_FOR_MORE = "ask_for_more"
    RESET = "reset"
    INTERVIEW = "interview"
    OUTCOME = "outcome"


# The steps that France Travail delegates with the offer.
PRESELECTION = frozenset({Gesture.SHORTLIST, Gesture.SET_ASIDE, Gesture.PRESENT})
# Only for France Travail, delegated or not.
FRANCE_TRAVAILS = frozenset({Gesture.ASK_FOR_MORE, Gesture.RESET})
# Only for the adviser, because he meets the person.
ADVISERS = frozenset({Gesture.HAND_OVER, Gesture.COMPLETE, Gesture.CANCEL})
# The states that allow each step.
FROM: Mapping[Gesture, frozenset[ScreenedState]] = {
    Gesture.HAND_OVER: frozenset({S.PROPOSED}),
    Gesture.COMPLETE: frozenset({S.ASKED_FOR_MORE}),
    Gesture.CANCEL: frozenset(SCREENED_LIVE),
    Gesture.SHORTLIST: frozenset({S.TO_REVIEW}),
    Gesture.SET_ASIDE: frozenset({S.TO_REVIEW}),
    Gesture.PRESENT: frozenset({S.SHORTLISTED}),
    Gesture.ASK_FOR_MORE: frozenset({S.TO_REVIEW}),
    Gesture.RESET: frozenset({S.SET_ASIDE}),
    Gesture.INTERVIEW: frozenset({S.PRESENTED}),
    # Also a correction; ``Placement.can_record_outcome`` says who may correct.
    Gesture.OUTCOME: frozenset({S.SHORTLISTED, S.PRESENTED, S.INTERVIEW, S.ENDED}),
}

NOT_DELEGATED = (
    "France Travail garde la présélection de cette offre\u00a0: elle seule "
    "présélectionne, écarte et présente les candidatures",
    "convention, art. 3.2",
)
FRANCE_TRAVAILS_ALONE = (
    "Demander un complément et reprendre une candidature écartée reviennent à France "
    "Travail",
    "convention, art. 3.2",
)
ADVISERS_ALONE = (
    "Remettre le document, apporter un complément et annuler reviennent au conseiller "
    "qui accompagne le candidat",
    "convention, art. 3.2 et 7",
)

# What needs an examination, and what leads to the employer.
EXAMINED = PRESELECTION | FRANCE_TRAVAILS | {Gesture.COMPLETE}
ONWARD = EXAMINED - {Gesture.SET_ASIDE}

CANCELLED_OFFER = (
    "France Travail a annulé cette offre, et elle ne reviendra pas\u00a0: la "
    "candidature ne va pas plus loin",
    "convention, art. 3.1",
)
NO_PRESELECTION = (
    "Cette offre n’a plus de présélection\u00a0: personne n’examine ni ne présente "
    "plus les candidatures",
    "convention, art. 3.2",
)


def judge(
    gesture: Gesture, *, side: Side, mode: str, offer_state: str, state: str
) -> Permission:
    """Return whether this side may do this, from that state.

    Rights come first: a side without the right should not try again later. Then the
    offer, which no step of the act brings back; the state last.
    """
    is_adviser = side is Side.ADVISER
    if is_adviser and gesture in FRANCE_TRAVAILS:
        return Permission(Verdict.REFUSED, *FRANCE_TRAVAILS_ALONE)
    if not is_adviser and gesture in ADVISERS:
        return Permission(Verdict.REFUSED, *ADVISERS_ALONE)
    if offer_state == OfferState.CANCELLED and gesture in ONWARD:
        return Permission(Verdict.REFUSED, *CANCELLED_OFFER)
    if mode == Mode.DIRECT and gesture in EXAMINED:
        return Permission(Verdict.REFUSED, *NO_PRESELECTION)
    if is_adviser and gesture in PRESELECTION and mode != Mode.DELEGATED:
        return Permission(Verdict.REFUSED, *NOT_DELEGATED)
    if state not in FROM[gesture]:
        label = ScreenedState(state).label
        return Permission(
            Verdict.REFUSED,
            f"La candidature est à l’état «\u00a0{label}\u00a0»\u00a0: quelqu’un l’a "
            "peut-être fait avancer entre-temps, rechargez la page",
            "convention, art. 3.2",
        )
    return Permission(Verdict.ALLOWED)
