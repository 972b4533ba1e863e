"""Two sheets of one person become one: S20, S24, S37."""

import pytest
from django.urls import reverse

from opus.lib.audit.models import AuditEntry
from referrals.candidates.models.candidates import Candidate
from referrals.documents.actions import make_document
from referrals.duplicates.actions import MergeRefused, likely_doubles, merge
from tests.accounts.factories import AdviserFactory
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    FavouriteFactory,
    ReferralFactory,
)

pytestmark = pytest.mark.django_db
BARE = {"ft_id": "", "email": "", "phone": "", "address": "", "postcode": ""}


@pytest.fixture
def kept(adviser):
    return CandidateFactory(
        adviser=adviser, first_name="Karim", last_name="Benali", **BARE, city=""
    )


@pytest.fixture
def other(adviser):
    return CandidateFactory(
        adviser=adviser,
        first_name="BENALI",
        last_name="karim",
        ft_id="12345678901",
        phone="06 39 98 00 01",
        address="1 rue des Lilas",
        postcode="38080",
        city="L’Isle-d’Abeau",
    )


def url(candidate):
    return reverse("candidate_merge", args=[candidate.pk])


def text_of(response):
    return Page.of(response).one("main").words()


def test_all_that_was_done_goes_to_the_sheet_that_is_kept(adviser, kept, other):
    act = ReferralFactory(candidate=other)
    document = make_document(act)
    favourite = FavouriteFactory(candidate=other)
    both = OfferFactory()
    FavouriteFactory(candidate=other, offer=both)
    FavouriteFactory(candidate=kept, offer=both)

    merge(kept, other, by=adviser)

    assert not Candidate.objects.filter(pk=other.pk).exists()
    for row in (act, document, favourite):
        row.refresh_from_db()
        assert row.candidate_id == kept.pk
    assert kept.favourites.count() == 2
    kept.refresh_from_db()
    assert (kept.ft_id, kept.phone) == ("12345678901", "06 39 98 00 01")
    assert (kept.address, kept.postcode) == ("1 rue des Lilas", "38080")


def test_what_the_kept_sheet_says_stands(adviser, kept, other):
    Candidate.objects.filter(pk=kept.pk).update(phone="07 00 00 00 00", city="Lyon")

    merge(kept, other, by=adviser)

    kept.refresh_from_db()
    assert kept.phone == "07 00 00 00 00"
    # A part of an address and a part of another would be none.
    assert (kept.address, kept.city) == ("", "Lyon")


def test_two_identifiers_are_two_persons(as_adviser, kept, other):
    Candidate.objects.filter(pk=kept.pk).update(ft_id="10987654321")

    response = as_adviser.post(url(kept), {"avec": other.pk})

    assert response.status_code == 409
    assert "ce sont deux personnes" in text_of(response)
    assert Candidate.objects.filter(pk=other.pk).exists()


def test_the_same_act_under_way_twice_is_settled_first(adviser, kept, other):
    offer = OfferFactory()
    ReferralFactory(candidate=kept, offer=offer)
    ReferralFactory(candidate=other, offer=offer)

    with pytest.raises(MergeRefused, match=offer.pk):
        merge(kept, other, by=adviser)

    assert other.referrals.count() == 1


def test_who_may_be_the_same_is_sought_among_ones_own_people(adviser, kept, other):
    """S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    CandidateFactory(adviser=colleague, first_name="Karim", last_name="Benali")
    CandidateFactory(adviser=adviser, first_name="Zoé", last_name="Petit", phone="")

    assert list(likely_doubles(kept, by=adviser)) == [other]


def test_it_is_done_from_the_persons_page_in_two_steps(as_adviser, kept, other):
    listed = as_adviser.get(url(kept))
    assert f"?avec={other.pk}" in listed.text
    compared = as_adviser.get(url(kept), {"avec": other.pk})
    assert "La fiche qui disparaît" in text_of(compared)

    done = as_adviser.post(url(kept), {"avec": other.pk}, follow=True)

    assert "n’en font plus qu’une" in done.text
    entry = AuditEntry.objects.get(action="candidates_merged")
    assert set(entry.person_ids) == {kept.pk, other.pk}


def test_another_advisers_sheet_does_not_exist(as_adviser, adviser, kept):
    """S20."""
    colleague = AdviserFactory(structure=adviser.structure)
    theirs = CandidateFactory(adviser=colleague)

    for number in (theirs.pk, kept.pk, "pas-un-numero"):
        assert as_adviser.post(url(kept), {"avec": number}).status_code == 404
    assert Candidate.objects.filter(pk=theirs.pk).exists()
