"""What every page of the subjects keeps: rights, journal, number of queries."""

import pytest
from django.urls import reverse

from opus.lib.audit.models import AuditEntry
from referrals.saved_searches.models import MOST_SEARCHES, SavedSearch
from tests.accounts.factories import amend
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.bulk_cases import address_of
from tests.referrals.factories import (
    CandidateFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    SavedSearchFactory,
    end,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("service", ["consultation", "delegation"])
def test_what_the_convention_does_not_grant_is_refused(as_adviser, candidate, service):
    """S21, annexe 1: the form that somebody kept open too."""
    of_offer, of_pair = [OfferFactory().pk], [OfferFactory().pk, candidate.pk]
    pages = [
        reverse("referral_start", args=of_offer),
        reverse("referral_confirm", args=of_pair),
        reverse("candidate_add"),
        address_of([OfferFactory()], [candidate]),
    ]
    if service == "consultation":
        pages += [
            reverse("favourites"),
            reverse("favourite_keep", args=of_offer),
            reverse("saved_searches"),
            reverse("candidate_offers", args=[candidate.pk]),
            "/veilles/nouvelle/?q=macon",
        ]
    granted = {"consultation": service != "consultation", "referrals": False}
    amend(candidate.structure.conventions.get(), **granted)

    for page in pages:
        codes = as_adviser.get(page).status_code, as_adviser.post(page).status_code
        assert set(codes) <= {403, 405}, page
        assert codes[0] == 403, page


def pages_of_persons(document):
    act = document.act
    return {
        "person": ("person_read", act.candidate.get_absolute_url(), act.candidate),
        "act": ("person_read", act.get_absolute_url(), act),
        "document": ("document_read", document.get_absolute_url(), document),
        "pdf": ("document_read", f"/documents/{document.pk}.pdf", document),
        "favourites": ("persons_listed", reverse("favourites"), None),
    }


@pytest.mark.parametrize("page", ["person", "act", "document", "pdf", "favourites"])
def test_reading_of_a_person_is_written_in_the_journal(as_adviser, candidate, page):
    """S38."""
    document = DocumentFactory(act__candidate=candidate, ready=True)
    FavouriteFactory.create_batch(2, candidate=candidate)
    action, path, target = pages_of_persons(document)[page]

    assert as_adviser.get(path).status_code == 200

    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.person_ids) == (action, [candidate.pk])
    assert target is None or entry.target_id == str(target.pk)


def hires(adviser, candidate):
    end(ReferralFactory(candidate=candidate, handed_over=True))


def persons(adviser, candidate):
    ReferralFactory(candidate__adviser=adviser)


def kept_offers(adviser, candidate):
    person = CandidateFactory(adviser=adviser)
    FavouriteFactory.create_batch(3, candidate=person)


def own_searches(adviser, candidate):
    number = SavedSearch.objects.count()
    if number < MOST_SEARCHES:
        query = f"q=mot{number}&lieu=38193,69&rome=F170{number % 10}"
        SavedSearchFactory(account=adviser, name=f"n° {number}", query=query)


def searches_for_her(adviser, candidate):
    radius = 20 + candidate.saved_searches.count()
    query = f"q=macon&lieu=38193&rayon={radius}"
    SavedSearchFactory(candidate=candidate, query=query)
    OfferFactory()


@pytest.mark.parametrize(
    ("name", "add", "most"),
    [
        # Four kinds of acts, who follows her today, her consent and her limits.
        ("candidate", hires, 18),
        ("candidates", persons, 12),
        ("referral_start", persons, 12),
        ("favourites", kept_offers, 12),
        ("saved_searches", own_searches, 18),
        ("home", own_searches, 18),
        ("candidate_offers", searches_for_her, 20),
    ],
)
def test_a_page_asks_as_many_questions_for_three_as_for_one(
    as_adviser, adviser, candidate, query_count, name, add, most
):
    """R23, P8."""
    of = {"referral_start": OfferFactory().pk}.get(name, candidate.pk)
    is_of_one = name in {"candidate", "referral_start", "candidate_offers"}
    url = reverse(name, args=[of] if is_of_one else [])

    def given(rows):
        for _ in range(rows):
            add(adviser, candidate)

    for_one = query_count(lambda: as_adviser.get(url), given=lambda: given(1))
    for_three = query_count(lambda: as_adviser.get(url), given=lambda: given(2))

    assert for_one == for_three <= most
