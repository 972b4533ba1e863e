"""All documents that one person is to receive, on one page (art. 7)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.bulk_cases import propose
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db


def test_all_the_documents_to_hand_over_are_printed_from_one_page(
    as_adviser, candidate
):
    """Art. 7: the good ones of this person, and no other."""
    offers = OfferFactory.create_batch(3)
    elsewhere = CandidateFactory(adviser=candidate.adviser, last_name="Zzautre")
    propose(as_adviser, offers, [candidate, elsewhere])
    gone, held, left = candidate.acts.order_by("number")
    withdraw(gone.offer)
    held.hand_over(by=candidate.adviser, channel="main", on=timezone.localdate())

    page = Page.of(as_adviser.get(reverse("candidate_documents", args=[candidate.pk])))

    text = page.one("main").words()
    acts = candidate.acts.all()
    shown = {act.pk for act in acts if f"Document n° {act.number}," in text}
    assert shown == {left.pk}
    assert "Zzautre" not in text
    # A10: the sheets' own titles come under that of the page.
    assert len(page.all("h1")) == 1


def test_no_document_to_hand_over_says_where_to_go(as_adviser, candidate):
    url = reverse("candidate_documents", args=[candidate.pk])
    strangers = reverse("candidate_documents", args=[CandidateFactory().pk])

    assert "Aucun document à remettre" in as_adviser.get(url).text
    assert as_adviser.get(strangers).status_code == 404
