"""The act matrix of article 3.2, cell by cell."""

import itertools

import pytest

from accounts.enums import Service
from accounts.users.enums import Role, UserState
from offers.enums import Mode, OfferState
from referrals.acts.act_rights import ActKind, Situation, Verdict, acts_on
from tests.cases import each_case

BOTH = frozenset(Service)
CONSULTATION = frozenset({Service.CONSULTATION})
REFERRALS = frozenset({Service.REFERRALS})
NOTHING: frozenset[str] = frozenset()

REFERRAL = ActKind.REFERRAL
SCREENED = ActKind.SCREENED_REFERRAL
CV = ActKind.CV_REQUEST
APPOINTMENT = ActKind.APPOINTMENT

# What the convention's two articles grant, written out a second time.
GRANTED = {
    ("A", Mode.DIRECT): {REFERRAL},
    ("A", Mode.DELEGATED): {SCREENED},
    ("A", Mode.PRESELECTED): {CV, APPOINTMENT},
    ("B", Mode.DIRECT): {REFERRAL},
    ("B", Mode.DELEGATED): {SCREENED, CV, APPOINTMENT},
    ("B", Mode.PRESELECTED): {SCREENED, CV, APPOINTMENT},
}


def situation(**changes):
    """An adviser whom nothing hinders, on an active offer without preselection."""
    plain = {
        "role": Role.ADVISER,
        "account_state": UserState.ACTIVE,
        "convention_in_force": True,
        "services": BOTH,
        "mode": Mode.DIRECT,
        "offer_state": OfferState.ACTIVE,
    }
    return Situation(**plain | changes)


def allowed(**changes):
    """The acts allowed; every no has its sentence and its article."""
    answers = acts_on(situation(**changes))
    for answer in answers.values():
        if answer.is_allowed:
            assert answer.sentence == ""
        else:
            assert answer.reason
            assert answer.article.startswith("convention, art.\u00a0")
            assert answer.sentence.endswith(").")
    return {kind for kind, answer in answers.items() if answer.is_allowed}


CELLS = list(
    itertools.product(
        [NOTHING, CONSULTATION, REFERRALS, BOTH], Mode, OfferState, Role, "AB"
    )
)


@each_case(
    ("services", "mode", "state", "role", "reading"),
    CELLS,
    ids=lambda value: (
        "+".join(sorted(value)) or "none"
        if isinstance(value, frozenset)
        else str(value)
    ),
)
def test_every_cell_of_the_matrix(services, mode, state, role, reading):
    """Services × mode × state × role × reading: the acts of article 3.2, no others."""
    is_open = (
        services == BOTH
        and state == OfferState.ACTIVE
        and role in {Role.ADVISER, Role.RGC}
    )

    assert allowed(
        services=services, mode=mode, offer_state=state, role=role, reading=reading
    ) == (GRANTED[reading, mode] if is_open else set())


def test_an_act_that_belongs_to_other_offers_is_not_called_refused():
    answers = acts_on(situation(mode=Mode.DIRECT))

    assert answers[APPOINTMENT].verdict is Verdict.NOT_ON_THIS_OFFER
    assert answers[APPOINTMENT].sentence == (
        "Réservé aux offres avec présélection (convention, art. 3.2)."
    )


@each_case(
    ("changes", "sentence"),
    [
        (
            {"services": CONSULTATION},
            "Consultation seule : votre convention ne délègue pas la mise en relation"
            " (convention, art. 3.2 et annexe 1).",
        ),
        (
            {"services": REFERRALS},
            "Votre convention n’ouvre pas la consultation des offres"
            " (convention, art. 3.1 et annexe 1).",
        ),
        (
            {"convention_in_force": False},
            "La convention de votre structure n’est pas en vigueur"
            " (convention, art. 13).",
        ),
        (
            {"account_state": UserState.SUSPENDED},
            "Votre compte n’est pas actif : adressez-vous à votre responsable de"
            " gestion des comptes (convention, art. 4.2).",
        ),
        (
            {"account_state": UserState.SUSPENDED, "role": Role.RGC},
            "Votre compte n’est pas actif : adressez-vous à votre correspondant"
            " France Travail (convention, art. 4.2).",
        ),
        (
            {"account_state": UserState.SUSPENDED, "whose": "Claire Moreau"},
            "Le compte de Claire Moreau n’est pas actif : adressez-vous à son"
            " responsable de gestion des comptes (convention, art. 4.2).",
        ),
        (
            {
                "account_state": UserState.SUSPENDED,
                "whose": "Claire Moreau",
                "role": Role.RGC,
            },
            "Le compte de Claire Moreau n’est pas actif : adressez-vous à son"
            " correspondant France Travail (convention, art. 4.2).",
        ),
        (
            {"convention_in_force": False, "whose": "Claire Moreau"},
            "La convention de sa structure n’est pas en vigueur (convention, art. 13).",
        ),
        (
            {"services": CONSULTATION, "whose": "Claire Moreau"},
            "Consultation seule : la convention de sa structure ne délègue pas la"
            " mise en relation (convention, art. 3.2 et annexe 1).",
        ),
        (
            {"offer_state": OfferState.SUSPENDED},
            "France Travail a suspendu cette offre (convention, art. 3.1).",
        ),
        (
            {"live_acts": frozenset({REFERRAL})},
            "Cette offre est déjà proposée à ce candidat (convention, art. 3.2).",
        ),
        (
            {"posts_left": 0},
            "Tous les postes de cette offre sont pris (convention, art. 3.2).",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_reason_is_told_in_its_own_words(changes, sentence):
    assert acts_on(situation(**changes))[REFERRAL].sentence == sentence


@pytest.mark.parametrize("state", [s for s in UserState if s != UserState.ACTIVE])
def test_only_an_active_account_acts(state):
    assert allowed(account_state=state) == set()


def test_a_live_act_blocks_its_own_kind_only():
    """R10: one live act per person, offer *and kind*."""
    assert allowed(mode=Mode.PRESELECTED, live_acts=frozenset({CV})) == {APPOINTMENT}


@pytest.mark.parametrize(("left", "acts"), [(None, {REFERRAL}), (1, {REFERRAL})])
def test_posts_left_or_unknown_leave_the_act_open(left, acts):
    assert allowed(posts_left=left) == acts
