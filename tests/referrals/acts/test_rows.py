"""What lists say of an offer before anybody acts on it (U2)."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals.acts.act_context import facts_of, row_signs
from tests.accounts.factories import AdviserFactory
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    FavouriteFactory,
    ReferralFactory,
    end,
)

pytestmark = pytest.mark.django_db


def row_text(client, offer):
    text = client.get("/offres/?lieu=").text
    begin = text.index(f'id="offre-{offer.pk}"')
    return text[begin : text.index("</li>", begin)]


def test_a_row_says_proposed_seen_and_full_and_offers_no_act_then(as_adviser, adviser):
    offer = OfferFactory(posts=1)
    colleague = AdviserFactory(structure=adviser.structure)
    person = CandidateFactory(adviser=colleague)
    # What another structure proposed is not in the rows.
    ReferralFactory(offer=offer, adviser=AdviserFactory())
    fresh = row_text(as_adviser, offer)
    as_adviser.get(offer.get_absolute_url())
    act = ReferralFactory(
        offer=offer, candidate=person, adviser=colleague, handed_over=True
    )
    proposed = row_text(as_adviser, offer)
    end(act)
    full = row_text(as_adviser, offer)

    assert all(f">{word}" not in fresh for word in ("Vue<", "Déjà", "Complet"))
    assert "Proposer" in fresh
    assert "Déjà proposée (1\xa0candidat)" in proposed
    assert ">Vue</span>" in proposed
    assert "Proposer" in proposed
    assert person.last_name not in proposed
    assert ">Complet</span>" in full
    assert "Proposer" not in full
    assert "Cocher" not in full
    assert ">Voir<" in full


def test_ticks_come_along_and_too_many_are_said(as_adviser, settings):
    """U2, U8: checked in their rows, hidden for other pages, kept by a new search."""
    settings.SEARCH_PAGE_SIZE = 1
    there, here = OfferFactory(), OfferFactory(created_at=timezone.now())
    ticks = f"offre={here.pk}&offre={there.pk}"

    page = Page.of(as_adviser.get(f"/offres/?lieu=&{ticks}&offre=%3Cb%3E"))
    searched = as_adviser.get(f"/offres/?q=macon&avant=&{ticks}")
    many = "&".join(f"offre=9{number}ABC" for number in range(51))
    none = as_adviser.get(f"/offres/?q=zzyzx&mots=exacts&{ticks}").text
    too_many = Page.of(as_adviser.get(f"/offres/?lieu=&{many}"))

    assert "checked" in page.by_id(f"plusieurs-{here.pk}").attrs
    hidden = page.all("input", type="hidden")
    assert there.pk in [tag.attrs.get("value") for tag in hidden]
    assert page.all("p", **{"class": "opus-bar__excess", "hidden": ""})
    assert searched["Location"].endswith(f"&{ticks}")
    assert "2 sur d’autres pages" in none
    (excess,) = too_many.all("p", **{"class": "opus-bar__excess"})
    assert "hidden" not in excess.attrs
    assert excess.words().startswith("50 au plus à la fois")


def test_the_list_leads_to_its_ticked_offers_and_keeps_the_way_back(as_adviser):
    offer = OfferFactory()

    response = as_adviser.get(f"/proposer/?q=macon&rome=F1703&offre={offer.pk}")

    way = urlencode({"retour": f"/offres/?q=macon&rome=F1703&offre={offer.pk}"})
    assert response["Location"] == f"/proposer/?offre={offer.pk}&{way}"


def test_the_signs_of_a_page_cost_one_query(adviser):
    offers = OfferFactory.create_batch(5)
    people = CandidateFactory.create_batch(2, adviser=adviser)
    ReferralFactory(offer=offers[0], candidate=people[0], adviser=adviser)

    with CaptureQueriesContext(connection) as queries:
        rows = row_signs(offers, by=adviser)
        pairs = facts_of(offers, people)

    assert len(queries) == 2
    assert [len(rows[offer.pk].persons) for offer in offers] == [1, 0, 0, 0, 0]
    assert set(pairs.live) == {(offers[0].pk, people[0].pk)}


@pytest.mark.parametrize("url", ["/favoris/", "offers"])
def test_a_kept_offer_shows_its_act_under_way_or_that_it_is_full(
    as_adviser, adviser, url
):
    person = CandidateFactory(adviser=adviser)
    free, proposed, full = (
        FavouriteFactory(candidate=person, offer=offer).offer
        for offer in (OfferFactory(), OfferFactory(), OfferFactory(posts_left=0))
    )
    ReferralFactory(offer=proposed, candidate=person, adviser=adviser)
    address = url if url.startswith("/") else f"{person.get_absolute_url()}offres/"

    page = as_adviser.get(address).text
    acts = {
        offer: reverse("referral_confirm", args=[offer.pk, person.pk]) in page
        for offer in (free, proposed, full)
    }

    assert acts == {free: True, proposed: False, full: False}
    assert "Déjà proposée le " in page
    assert ">Complet</" in page
    # Pay and distance stand there too.
    assert "</strong>/mois" in page
    assert "moins de 1\xa0km" in page
