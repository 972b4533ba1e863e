"""A word of 60 letters makes no page wider than a phone (A11)."""

import pytest
from django.urls import reverse

from tests.accounts.factories import AdviserFactory, RgcFactory, StructureFactory
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory

WORD = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"


def pages_of(visitor, user, paths):
    """Open each at 360 pixels; return those that scroll sideways."""
    sign_in(visitor, user)
    wide = []
    for path in paths:
        visitor.open(path)
        visitor.page.wait_for_load_state()
        width = visitor.page.evaluate("document.documentElement.scrollWidth")
        if width > visitor.page.viewport_size["width"]:
            wide.append((path, width))
    return wide


@pytest.mark.thorough
def test_a_long_word_stays_inside_an_advisers_pages(visitor_with_a_phone):
    assert len(WORD) == 60
    structure = StructureFactory(name=f"CCAS {WORD}")
    RgcFactory(structure=structure, last_name=WORD)
    adviser = AdviserFactory(structure=structure, last_name=WORD, function=WORD)
    offer = OfferFactory(title=WORD, company=WORD)
    person = CandidateFactory(adviser=adviser, last_name=WORD, first_name=WORD)
    act = ReferralFactory(candidate=person, offer=offer)

    wide = pages_of(
        visitor_with_a_phone,
        adviser,
        [
            "/",
            reverse("profile"),
            "/offres/?lieu=",
            reverse("offer", args=[offer.reference]),
            reverse("candidates"),
            reverse("candidate", args=[person.pk]),
            act.get_absolute_url(),
        ],
    )

    assert wide == []


@pytest.mark.thorough
def test_a_long_word_stays_inside_an_rgcs_pages(visitor_with_a_phone):
    structure = StructureFactory(name=WORD)
    rgc = RgcFactory(structure=structure, last_name=WORD)
    adviser = AdviserFactory(structure=structure, last_name=WORD, first_name=WORD)
    CandidateFactory(adviser=adviser)

    wide = pages_of(
        visitor_with_a_phone,
        rgc,
        [
            reverse("accounts"),
            reverse("account", args=[adviser.public_id]),
            reverse("account_hand_over", args=[adviser.public_id]),
            reverse("accounts_history"),
        ],
    )

    assert wide == []
