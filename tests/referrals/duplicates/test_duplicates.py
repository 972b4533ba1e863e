"""Two sheets of one person become one: S20, S24, S37."""

import pytest
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.privacy import subject_access
from referrals.candidate_emails.actions import give_consent, withdraw_consent
from referrals.candidates.access_log import as_csv, persons_seen
from referrals.candidates.models import Candidate
from referrals.documents.actions import make_document
from referrals.duplicates.actions import MergeRefused, likely_doubles, losses, merge
from tests.accounts.factories import AdviserFactory
from tests.admin.registers import list_url
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    FavouriteFactory,
    ReferralFactory,
)
from tests.support.factories import RightsRequestFactory

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
    """V14: what is taken over stands in the history, from nothing to the value."""
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
    history = dict(kept.corrections.values_list("field", "after"))
    assert (history["phone"], history["ft_id"]) == ("06 39 98 00 01", "12345678901")


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
    assert "ce sont deux candidats" in text_of(response)
    assert Candidate.objects.filter(pk=other.pk).exists()


def test_the_same_act_under_way_twice_is_settled_first(adviser, kept, other):
    offer = OfferFactory()
    ReferralFactory(candidate=kept, offer=offer)
    ReferralFactory(candidate=other, offer=offer)

    with pytest.raises(MergeRefused, match=offer.pk):
        merge(kept, other, by=adviser)

    assert other.acts.count() == 1


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


# --- What the merge keeps of the record that disappears -------------------------------


def test_her_copy_and_her_requests_follow_the_record_that_stays(adviser, kept, other):
    """V13: a request about the former record, and the lines that name it."""
    asked = RightsRequestFactory(under_way=True, kind="non_inscrit", account=None)
    asked.candidates.create(candidate=other.pk)
    record(Action.PERSON_READ, by=adviser, persons=[other.pk])
    third = CandidateFactory(adviser=adviser, **BARE)
    merge(kept, other, by=adviser)
    merge(third, kept, by=adviser)

    told = subject_access.collect(asked.person)

    assert third.pk in asked.person.candidates
    assert f"Vous vous appelez {third}." in str(told.sections)
    actions = [line.action for line in told.journal]
    assert "candidat consulté" in actions
    assert actions.count("fiches de candidat fusionnées") == 2


def test_the_breach_report_and_the_journal_find_her_under_her_former_number(
    as_ft_admin, adviser, kept, other
):
    """V24, S38: all lines, those where she is one of several too."""
    start = timezone.now()
    for persons in ([other.pk], [kept.pk, other.pk]):
        record(Action.PERSONS_LISTED, by=adviser, persons=persons)
    merge(kept, other, by=adviser)

    seen = persons_seen(adviser, since=start, until=timezone.now())
    assert [one.pk for one in seen] == [kept.pk]
    assert "Benali" in as_csv(seen)
    journal = as_ft_admin.get(
        list_url("lib.auditentry"), {"objet": f"referrals.candidate {kept.pk}"}
    )
    assert journal.context["cl"].result_count == 3


def test_a_consent_given_after_a_withdrawal_stands_and_an_older_one_is_told(
    as_adviser, adviser, kept, other
):
    """Her last word is the one that counts; the page says what is lost before."""
    today = timezone.localdate()
    Candidate.objects.filter(pk=kept.pk).update(phone="0700000000")
    give_consent(kept, by=adviser, given_on=today, way="ecrit")
    withdraw_consent(kept, by=adviser)
    give_consent(other, by=adviser, given_on=today, way="ecrit")

    page = text_of(as_adviser.get(url(kept), {"avec": other.pk}))
    assert "le téléphone 06 39 98 00 01" in page
    assert (
        "l’accord" not in page.partition("Ceci disparaît")[2].partition("La fiche")[0]
    )
    merge(kept, other, by=adviser)
    assert kept.mail_consent is not None


def test_a_withdrawal_that_came_last_ends_an_older_consent(adviser, kept, other):
    today = timezone.localdate()
    give_consent(other, by=adviser, given_on=today, way="ecrit")
    give_consent(kept, by=adviser, given_on=today, way="ecrit")
    withdraw_consent(kept, by=adviser)
    assert [one for one in losses(kept, other) if "l’accord" in one]

    merge(kept, other, by=adviser)

    assert kept.mail_consent is None


@pytest.mark.parametrize("written", ["0639980001", "+33 6 39 98 00 01"])
def test_one_telephone_written_two_ways_is_a_double(adviser, other, written):
    same = CandidateFactory(adviser=adviser, first_name="Zoé", phone=written)

    assert list(likely_doubles(other, by=adviser)) == [same]


def test_frozen_data_are_not_merged_and_an_objection_goes_along(adviser, kept, other):
    """GDPR 18, 21."""
    objection = other.limits.create(
        processing="courriels", reference="DR-2026-000001", placed_by=adviser
    )
    merge(kept, other, by=adviser)
    objection.refresh_from_db()
    assert objection.candidate == kept

    third = CandidateFactory(adviser=adviser, **BARE)
    third.limits.create(processing="tout", reference="DR-1", placed_by=adviser)
    with pytest.raises(MergeRefused, match="gelées"):
        merge(kept, third, by=adviser)
