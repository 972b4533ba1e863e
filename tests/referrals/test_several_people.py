"""One offer for several persons in one gesture: U8, R2, R10, S20."""

import uuid

import pytest
from django.urls import reverse

from referrals.actions import several_people
from referrals.models import Document, Referral
from tests.accounts.factories import AdviserFactory
from tests.offers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer():
    return OfferFactory(title="Maçon d’essai")


@pytest.fixture
def people(adviser):
    return CandidateFactory.create_batch(3, adviser=adviser)


def confirm(offer):
    return reverse("people_confirm", args=[offer.pk])


def propose(client, offer, people, key=None):
    """Confirm the list, as the form of its page does; follow to what became of it."""
    posted = {"key": key or uuid.uuid4(), "personne": [one.pk for one in people]}
    return client.post(confirm(offer), posted, follow=True)


def told(response):
    return Page.of(response).one("main").words()


def test_each_person_has_her_own_act_and_sheet(as_adviser, adviser, offer, people):
    """U8."""
    response = propose(as_adviser, offer, people)

    assert "3 mises en contact faites" in told(response)
    acts = Referral.objects.filter(offer=offer)
    assert set(acts.values_list("candidate", flat=True)) == {one.pk for one in people}
    assert len(set(acts.values_list("number", flat=True))) == 3
    bodies = list(Document.objects.values_list("candidate", "html"))
    assert len(bodies) == 3
    for candidate, html in bodies:
        others = [one.last_name for one in people if one.pk != candidate]
        assert not any(name in html for name in others)


def test_one_refusal_keeps_the_others(as_adviser, offer, people):
    """And whom a colleague accompanies is left out like nobody."""
    live = ReferralFactory(offer=offer, candidate=people[0])
    strangers = [CandidateFactory()]

    response = propose(as_adviser, offer, [*people, *strangers])

    assert "2 mises en contact faites" in told(response)
    assert "1 déjà en cours" in told(response)
    assert live.number in told(response)
    assert not Referral.objects.filter(candidate=strangers[0]).exists()


def test_the_same_form_twice_makes_one_act_for_each(as_adviser, offer, people):
    """R10: and an interrupted gesture is finished by the second sending."""
    key = uuid.uuid4()
    propose(as_adviser, offer, people[:2], key=key)

    response = propose(as_adviser, offer, people, key=key)

    assert Referral.objects.filter(offer=offer).count() == 3
    assert "3 mises en contact faites" in told(response)


def test_an_offer_withdrawn_meanwhile_makes_nothing(as_adviser, offer, people):
    """R2."""
    withdraw(offer)

    response = propose(as_adviser, offer, people)

    assert response.status_code == 409
    assert not Referral.objects.filter(offer=offer).exists()


def test_who_is_chosen_among_ones_own_people(as_adviser, adviser, offer, people):
    colleague = AdviserFactory(structure=adviser.structure)
    hidden = CandidateFactory(adviser=colleague, last_name="Zzcache")

    chosen = as_adviser.get(confirm(offer))
    assert {one.pk for one in chosen.context["page"]} == {one.pk for one in people}
    listed = as_adviser.get(
        confirm(offer), {"personne": [people[0].pk, hidden.pk, "pas-un-numero"]}
    )

    assert [row.candidate for row in listed.context["rows"]] == [people[0]]
    assert "Zzcache" not in listed.text


def test_nobody_ticked_says_so(as_adviser, offer, people):
    address = f"{confirm(offer)}?personne={people[0].pk}"
    response = as_adviser.post(address, {"key": uuid.uuid4()})

    assert "Cochez une personne au moins." in told(response)
    assert not Referral.objects.exists()


def test_more_than_fifty_are_refused_with_their_number(as_adviser, offer, people):
    too_many = [uuid.uuid4() for _ in range(several_people.MOST_AT_ONCE + 1)]
    posted = {"key": uuid.uuid4(), "personne": [*too_many, people[0].pk]}

    response = as_adviser.post(confirm(offer), posted)

    assert "52 personnes sont cochées" in told(response)
    assert not Referral.objects.exists()


def test_another_structure_that_proposed_it_is_told_by_its_day(
    as_adviser, adviser, offer
):
    """Art. 9.2: the day, and nobody's name."""
    known = CandidateFactory(adviser=adviser, ft_id="12345678901")
    there = ReferralFactory(offer=offer, candidate__ft_id="12345678901")

    response = as_adviser.get(confirm(offer), {"personne": [known.pk]})

    assert "Une autre structure lui a déjà proposé cette offre" in told(response)
    assert there.adviser.last_name not in response.text


def test_the_sheets_of_the_gesture_print_at_once(as_adviser, offer, people):
    key = uuid.uuid4()
    propose(as_adviser, offer, people[:2], key=key)
    ReferralFactory(candidate=people[2], offer=offer)
    address = reverse("people_sheets", args=[offer.pk, key])
    query = {"personne": [one.pk for one in people]}

    page = as_adviser.get(address, query)

    assert {paper.candidate for paper, _ in page.context["papers"]} == set(people[:2])
    withdraw(offer)
    assert as_adviser.get(address, query).context["papers"] == []


def test_the_list_asks_as_many_questions_for_three_as_for_one(
    as_adviser, offer, people, query_count
):
    """R23, P8."""

    def asked(number):
        query = {"personne": [one.pk for one in people[:number]]}
        return query_count(
            lambda: as_adviser.get(confirm(offer), query), given=lambda: None
        )

    assert asked(1) == asked(3) <= 14
