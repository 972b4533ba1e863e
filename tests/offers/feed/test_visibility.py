"""R1: once the 200 has left, no page shows the withdrawn offer to anybody."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.urls import get_resolver, reverse

from offers.catalogue.models import OfferSearch
from offers.search.results import similar_offers
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import browser, event, figures_of, post
from tests.referrals.factories import CandidateFactory, DocumentFactory, ReferralFactory
from tests.test_access_matrix import routes_of

CANARY = "Quenaribois"
# A word of it to search by: the page says again what was asked.
WORD = "zingotin"


pytestmark = pytest.mark.usefixtures("open_feed")
QUERIES = ["", f"?q={WORD}", "?lieu=38193", "?ou=isle", "?q=z&avant="]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind",
    [
        "suspendue",
        pytest.param("annulee", marks=pytest.mark.thorough),
        pytest.param("pourvue", marks=pytest.mark.thorough),
    ],
)
def test_no_address_shows_a_withdrawn_offer(client, kind):
    """R1: every address that an adviser may open, with every way to ask for it."""
    adviser = AdviserFactory()
    sign_in(client, adviser)
    offer = OfferFactory(
        title="Couvreur zingotin",
        description=CANARY,
        company=CANARY,
        rome_code="F1610",
        rome_label=CANARY,
        place_label="38 - L’Isle-d’Abeau",
    )
    other = OfferFactory(rome_code="F1610")
    referral = ReferralFactory(
        candidate=CandidateFactory(adviser=adviser), offer=offer, adviser=adviser
    )
    document = DocumentFactory(act=referral, ready=True, html=f"<p>{CANARY}</p>")
    parts = {
        "<reference:reference>": offer.pk,
        "<uuid:candidate_pk>": referral.candidate_id,
        "candidats/<uuid:pk>": f"candidats/{referral.candidate_id}",
        "mises-en-contact/<uuid:pk>": f"mises-en-contact/{referral.pk}",
        "documents/<uuid:pk>": f"documents/{document.pk}",
        "comptes/<uuid:public_id>": f"comptes/{adviser.public_id}",
    }

    def seen() -> set[str]:
        """The addresses that show it; those that sign out are left aside."""
        found = set()
        for route in routes_of(get_resolver()):
            for pattern, value in parts.items():
                route = route.replace(pattern, str(value))
            if "deconnexion" in route:
                continue
            for query in QUERIES if route.startswith("offres/") else [""]:
                response = client.get(f"/{route}{query}")
                if CANARY.encode() in b"".join(response):
                    found.add(f"/{route}{query}")
        return found

    before = seen()
    assert {f"/offres/{offer.pk}/", f"/offres/?q={WORD}", "/offres/?lieu=38193"} <= (
        before
    )
    assert f"/documents/{document.pk}/" in before

    assert figures_of(post(client, [event(kind, offer.pk, 2)])) == (1, 1, 0, [])

    assert seen() == set()
    assert client.get(f"/offres/{offer.pk}/").status_code == 410
    assert offer not in similar_offers(other)
    page = client.get(reverse("offers"), {"lieu": "38193"}).content.decode()
    assert "1 offre" in page.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_readers_at_once_never_see_it_after_the_200():
    """R1: readers that never stop, and offers withdrawn under their eyes."""
    adviser = AdviserFactory()
    offers = [OfferFactory(description=CANARY) for _ in range(12)]
    withdrawn: list[str] = []
    stale: list[str] = []
    reads: list[int] = []
    over = threading.Event()

    def read() -> None:
        client = sign_in(browser(), adviser)
        try:
            while not over.is_set():
                gone = list(withdrawn)  # Told before this page was asked for.
                page = client.get(reverse("offers"), {"q": CANARY}).content.decode()
                stale.extend(number for number in gone if number in page)
                if gone:
                    status = client.get(f"/offres/{gone[-1]}/").status_code
                    stale.extend([gone[-1]] if status == 200 else [])
                reads.append(len(gone))
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    sender = browser()
    for offer in offers:
        assert figures_of(post(sender, [event("suspendue", offer.pk)]))[1] == 1
        withdrawn.append(offer.pk)
        already = len(reads)
        while len(reads) < already + 2 and any(map(is_alive, readers)):
            over.wait(0.01)
    over.set()
    for reader in readers:
        reader.join()

    assert stale == []
    assert max(reads) >= len(offers) - 1
    assert not OfferSearch.objects.exists()


def is_alive(thread: Any) -> bool:
    return bool(thread.is_alive())
