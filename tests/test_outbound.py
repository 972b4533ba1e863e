"""No way out of Opus but those that were looked at one by one (S33, art. 9)."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.offers.page.test_offer_pages import RICH
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
)
from tests.test_access_matrix import TABLE, Cast

pytestmark = pytest.mark.django_db

# Where one may complain of Opus, which the law has it say; the source code, which its
# licence has it offer; and the offer's own address to apply.
SOURCE = settings.CONTACT["source"]
REVIEWED = {
    SOURCE,
    "https://www.cnil.fr/fr/plaintes",
    "https://formulaire.defenseurdesdroits.fr/",
    "https://www.defenseurdesdroits.fr/carte-des-delegues",
}
APPLY = RICH["contact"]["urlPostulation"]
OFFER = "offres/<reference:reference>/"
# An offer's page, and what the list shows of it.
OFFERS = {OFFER, f"{OFFER}apercu/"}
# What a tag opens, loads or sends to.
GOES_TO = (
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "data-hx-get",
    "data-hx-post",
)


def ways_out(response: Any) -> set[str]:
    """The addresses of a page that leave Opus, or that a browser would run."""
    found = {
        value.strip()
        for tag in Page.of(response).tags
        for name, value in tag.attrs.items()
        if name in GOES_TO
    }
    return {
        address
        for address in found
        if urlsplit(address).scheme not in {"", "mailto", "tel"}
        or urlsplit(address).netloc
    }


def test_a_way_out_would_be_seen():
    """The control."""
    page = (
        '<a href="https://x.example/">x</a><form action="//y.example"></form>'
        '<a href="javascript:z">z</a><a href="/offres/">o</a><img src="data:,w">'
    )
    assert ways_out(page) == {
        "https://x.example/",
        "//y.example",
        "javascript:z",
        "data:,w",
    }


@pytest.mark.parametrize(
    "who", ["adviser", pytest.param("rgc", marks=pytest.mark.thorough), "nobody"]
)
def test_no_page_leads_out_of_opus(client: Client, who):
    """S33: every page, with things of one's own on it."""
    me = RgcFactory() if who == "rgc" else AdviserFactory()
    cast = Cast(owner=me)
    candidate = CandidateFactory(adviser=me)
    offer = OfferFactory(
        details=RICH, description="Voir https://x.example/ et javascript:alert(1)"
    )
    FavouriteFactory(candidate=candidate, offer=offer)
    referral = ReferralFactory(candidate=candidate, offer=offer)
    document = DocumentFactory(act=referral, ready=True)
    cast.parts |= {
        "<reference:reference>": offer.pk,
        "candidats/<uuid:pk>": f"candidats/{candidate.pk}",
        "mises-en-contact/<uuid:pk>": f"mises-en-contact/{referral.pk}",
        "documents/<uuid:pk>": f"documents/{document.pk}",
    }
    if who != "nobody":
        sign_in(client, me)
    out: dict[str, set[str]] = {}
    pages = 0
    for route in {route for _, route in TABLE} - {"deconnexion/"}:
        response = client.get(cast.url(route))
        if response.get("Content-Type", "").startswith("text/html"):
            pages += 1
            for way in ways_out(response):
                out.setdefault(way, set()).add(route)

    assert pages > 20
    assert out.keys() <= REVIEWED | {APPLY}
    assert out.get(APPLY, OFFERS) == OFFERS


@pytest.mark.parametrize("trait", ["preselected", "delegated_preselection"])
def test_a_preselected_offer_has_no_way_out_at_all(as_adviser, trait):
    offer = OfferFactory(details=RICH, **{trait: True})

    assert ways_out(as_adviser.get(offer.get_absolute_url())) == {SOURCE}


def test_the_one_way_out_tells_the_site_nothing_of_us(as_adviser):
    """S33: as text, in another window, without a referrer."""
    response = as_adviser.get(OfferFactory(details=RICH).get_absolute_url())

    (link,) = Page.of(response).all("a", href=APPLY)
    assert link.words() == APPLY
    assert link["rel"] == "noreferrer noopener external"
    assert re.search("nouvelle fenêtre", link["title"])
