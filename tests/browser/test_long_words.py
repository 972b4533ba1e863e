"""A word of 60 letters makes no page wider than a phone (A11)."""

import pytest
from django.urls import reverse

from tests.accounts.factories import AdviserFactory, RgcFactory, StructureFactory
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory

WORD = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"


@pytest.mark.thorough
@pytest.mark.parametrize("reader", ["adviser", "rgc"])
def test_a_long_word_stays_inside_the_page(visitor_with_a_phone, reader):
    assert len(WORD) == 60
    structure = StructureFactory(name=f"CCAS {WORD}")
    rgc = RgcFactory(structure=structure, last_name=WORD)
    name = {"last_name": WORD, "first_name": WORD}
    adviser = AdviserFactory(structure=structure, function=WORD, **name)
    person = CandidateFactory(adviser=adviser, **name)
    offer = OfferFactory(title=WORD, company=WORD)
    act = ReferralFactory(candidate=person, offer=offer)
    pages = {
        "adviser": [
            "/",
            reverse("profile"),
            "/offres/?lieu=",
            reverse("offer", args=[offer.reference]),
            reverse("candidates"),
            reverse("candidate", args=[person.pk]),
            act.get_absolute_url(),
        ],
        "rgc": [
            reverse("accounts"),
            reverse("account", args=[adviser.public_id]),
            reverse("account_hand_over", args=[adviser.public_id]),
            reverse("accounts_history"),
        ],
    }
    sign_in(visitor_with_a_phone, {"adviser": adviser, "rgc": rgc}[reader])

    for path in pages[reader]:
        visitor_with_a_phone.open(path)
        visitor_with_a_phone.expect_no_sideways_scroll()
