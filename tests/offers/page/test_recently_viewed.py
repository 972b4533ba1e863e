"""The last offers that an adviser opened (U6)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from offers.page import actions
from offers.page.models import SeenOffer
from offers.tasks import forget_seen_offers
from tests.accounts.factories import AccountHoldFactory, AdviserFactory, FtAdminFactory
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


def titles(client, url: str = "/offres/recentes/") -> list[str]:
    page = Page.of(client.get(url))
    return [tag.words() for tag in page.all("h3", **{"class": "opus-list__title"})]


def test_the_last_opened_comes_first_and_once(as_adviser):
    first, second = OfferFactory(title="Maçon"), OfferFactory(title="Boulanger")

    for offer in (first, second, first):
        as_adviser.get(offer.get_absolute_url())

    assert titles(as_adviser) == ["Maçon", "Boulanger"]


def test_thirty_are_kept(adviser):
    """U6."""
    offers = OfferFactory.create_batch(actions.KEPT + 3)
    for offer in offers:
        actions.remember(adviser, offer)

    kept = [hit.offer for hit in actions.recently_seen(adviser)]

    assert kept == offers[:-31:-1]
    assert SeenOffer.objects.count() == actions.KEPT


def test_a_withdrawn_offer_leaves_the_list_at_once(as_adviser, adviser):
    """U6, R1: in the transaction of its withdrawal."""
    gone, there = OfferFactory(title="Maçon"), OfferFactory(title="Boulanger")
    for offer in (gone, there):
        as_adviser.get(offer.get_absolute_url())

    withdraw(gone)

    assert titles(as_adviser) == ["Boulanger"]
    assert list(SeenOffer.objects.values_list("offer_id", flat=True)) == [there.pk]


def test_what_i_opened_is_nobody_elses_business(as_adviser, adviser):
    colleague = AdviserFactory(structure=adviser.structure)
    actions.remember(colleague, OfferFactory(title="Zzcanari"))

    assert "Zzcanari" not in as_adviser.get("/offres/recentes/").text
    assert "Zzcanari" not in as_adviser.get("/").text


def test_opening_costs_one_statement_however_many_were_opened(as_adviser, adviser):
    def count(offer) -> int:
        with CaptureQueriesContext(connection) as queries:
            as_adviser.get(offer.get_absolute_url())
        return sum("offers_seenoffer" in query["sql"] for query in queries)

    first = count(OfferFactory())
    for offer in OfferFactory.create_batch(actions.KEPT + 1):
        actions.remember(adviser, offer)

    assert [first, count(OfferFactory())] == [1, 1]


def test_a_failure_to_note_it_does_not_close_the_page(as_adviser, monkeypatch):
    monkeypatch.setattr(actions, "REMEMBER", "SELECT nothing FROM nowhere")

    assert as_adviser.get(OfferFactory().get_absolute_url()).status_code == 200


def test_asking_only_for_the_head_is_not_opening(as_adviser):
    as_adviser.head(OfferFactory().get_absolute_url())

    assert not SeenOffer.objects.exists()


def test_home_shows_the_last_five(as_adviser, adviser):
    for offer in OfferFactory.create_batch(6):
        actions.remember(adviser, offer)

    page = Page.of(as_adviser.get("/"))

    panel = page.one("ul", **{"class": "opus-panel__list"})
    assert panel.words().count("Maçon / Maçonne (H/F)") == 5


def test_nothing_opened_yet_says_so(as_adviser):
    page = as_adviser.get("/offres/recentes/")

    assert "Vous n’avez encore ouvert aucune offre" in page.text


def test_a_closed_account_that_a_lawsuit_needs_remembers_until_the_hold_ends(adviser):
    """V11: lifted, what it kept goes at the next pass."""
    staff = FtAdminFactory()
    actions.remember(adviser, OfferFactory())
    adviser.close(by=staff, reason="depart")
    hold = AccountHoldFactory(account=adviser)

    forget_seen_offers()
    assert SeenOffer.objects.count() == 1
    hold.lift(by=staff)
    forget_seen_offers()

    assert not SeenOffer.objects.exists()
