"""One offer for several persons in one gesture: U8, R2, R10, S20."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from opus.lib.audit.models import AuditEntry
from referrals.acts.act_rights import ActKind
from referrals.acts.registry import acts_of
from referrals.appointments.models.appointments import Appointment
from referrals.bulk import actions
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.making.actions import MADE
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.offer_criteria import requirements_of
from tests.accounts.factories import AdviserFactory
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, ReferralFactory, SlotFactory

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


def messages_of(response):
    return Page.of(response).one("main").words()


def test_each_person_has_her_own_act_and_sheet(as_adviser, adviser, offer, people):
    """U8."""
    response = propose(as_adviser, offer, people)

    assert "3 mises en contact faites" in messages_of(response)
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

    assert "2 mises en contact faites" in messages_of(response)
    assert "1 déjà en cours" in messages_of(response)
    assert live.number in messages_of(response)
    assert not Referral.objects.filter(candidate=strangers[0]).exists()


def test_the_same_form_twice_makes_one_act_for_each(as_adviser, offer, people):
    """R10: and an interrupted gesture is finished by the second sending."""
    key = uuid.uuid4()
    propose(as_adviser, offer, people[:2], key=key)

    response = propose(as_adviser, offer, people, key=key)

    assert Referral.objects.filter(offer=offer).count() == 3
    assert "3 mises en contact faites" in messages_of(response)


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

    assert "Cochez une personne au moins." in messages_of(response)
    assert not Referral.objects.exists()
    chosen = as_adviser.get(confirm(offer))
    assert "Cochez une personne au moins." not in messages_of(chosen)
    nobody = as_adviser.get(confirm(offer), {"continuer": "oui"})
    assert "Cochez une personne au moins." in messages_of(nobody)


def test_more_than_fifty_are_refused_with_their_number(as_adviser, offer, people):
    too_many = [uuid.uuid4() for _ in range(actions.MOST_AT_ONCE + 1)]
    posted = {"key": uuid.uuid4(), "personne": [*too_many, people[0].pk]}

    response = as_adviser.post(confirm(offer), posted)

    assert "52 cases sont cochées" in messages_of(response)
    assert not Referral.objects.exists()


def test_another_structure_that_proposed_it_is_told_by_its_day(
    as_adviser, adviser, offer
):
    """Art. 9.2: the day, and nobody's name."""
    known = CandidateFactory(adviser=adviser, ft_id="12345678901")
    there = ReferralFactory(offer=offer, candidate__ft_id="12345678901")

    response = as_adviser.get(confirm(offer), {"personne": [known.pk]})

    assert "Une autre structure lui a déjà proposé cette offre" in messages_of(response)
    assert there.adviser.last_name not in response.text


def test_the_sheets_of_the_gesture_print_at_once(as_adviser, offer, people):
    key = uuid.uuid4()
    propose(as_adviser, offer, people[:2], key=key)
    ReferralFactory(candidate=people[2], offer=offer)
    address = reverse("people_documents", args=[offer.pk, key])
    query = {"personne": [one.pk for one in people]}

    page = as_adviser.get(address, query)

    assert {paper.candidate for paper, _ in page.context["papers"]} == set(people[:2])
    withdraw(offer)
    assert as_adviser.get(address, query).context["papers"] == []


def test_the_list_asks_as_many_questions_for_three_as_for_one(
    as_adviser, offer, people, query_count
):
    """R23, P8."""

    def queries_for(number):
        query = {"personne": [one.pk for one in people[:number]]}
        return query_count(
            lambda: as_adviser.get(confirm(offer), query), given=lambda: None
        )

    assert queries_for(1) == queries_for(3) <= 15


# --- Acts on offers with preselection ------------------------------------------------


def address(offer, kind):
    return f"{confirm(offer)}?acte={kind.value}"


def do(client, offer, kind, people, key=None, **data):
    posted = {"key": key or uuid.uuid4(), "personne": [one.pk for one in people]}
    return client.post(address(offer, kind), posted | data, follow=True)


def in_days(number):
    return (timezone.localdate() + dt.timedelta(days=number)).isoformat()


KINDS = {
    ActKind.SCREENED_REFERRAL: "mises en contact avec présélection faites",
    ActKind.CV_REQUEST: "demandes de CV faites",
    ActKind.APPOINTMENT: "convocations faites",
}


def example(kind):
    """An offer for that act, and what its form asks."""
    if kind == ActKind.SCREENED_REFERRAL:
        return OfferFactory(delegated_preselection=True), {}
    offer = OfferFactory(preselected=True)
    if kind == ActKind.CV_REQUEST:
        return offer, {"due_on": in_days(5)}
    return offer, {"choice": SlotFactory(capacity=60).pk}


@pytest.mark.parametrize(("kind", "words"), KINDS.items())
def test_each_kind_asks_once_and_makes_an_act_for_each(as_adviser, people, kind, words):
    """U8, R10: sent again it makes none; the sheets of all are printed at once."""
    offer, data = example(kind)
    key = uuid.uuid4()

    response = do(as_adviser, offer, kind, people, key=key, **data)
    again = do(as_adviser, offer, kind, people, key=key, **data)

    for one in (response, again):
        assert f"3 {words}" in messages_of(one)
    acts = acts_of(kind).filter(offer=offer)
    assert set(acts.values_list("candidate", flat=True)) == {one.pk for one in people}
    sheets = as_adviser.get(
        reverse("people_documents", args=[offer.pk, key]),
        {"acte": kind.value, "personne": [one.pk for one in people]},
    )
    assert len(sheets.context["papers"]) == 3
    assert AuditEntry.objects.filter(action=MADE[kind]).count() == 3


@pytest.mark.parametrize(("kind", "words"), KINDS.items())
def test_of_fifty_three_that_cannot_be_are_listed_and_forty_seven_done(
    as_adviser, adviser, kind, words
):
    """U8."""
    offer, data = example(kind)
    everybody = CandidateFactory.create_batch(50, adviser=adviser)
    for person in everybody[:3]:
        made = do(as_adviser, offer, kind, [person], **data)
        assert made.status_code == 200

    response = do(as_adviser, offer, kind, everybody, **data)

    assert f"47 {words}" in messages_of(response)
    assert "3 déjà en cours" in messages_of(response)
    for person in everybody[:3]:
        assert str(person) in messages_of(response)
    assert acts_of(kind).filter(offer=offer).count() == 50


def test_a_slot_takes_as_many_as_it_has_places_and_says_full_of_the_others(
    as_adviser, people
):
    """R11: each person counts one place."""
    offer, slot = OfferFactory(preselected=True), SlotFactory(capacity=2)
    key = uuid.uuid4()

    response = do(
        as_adviser, offer, ActKind.APPOINTMENT, people, key=key, choice=slot.pk
    )
    again = do(as_adviser, offer, ActKind.APPOINTMENT, people, key=key, choice=slot.pk)

    for one in (response, again):
        assert "2 convocations faites" in messages_of(one)
        assert "Le créneau était complet" in messages_of(one)
    assert Appointment.objects.filter(slot=slot).count() == 2


def test_one_alone_and_a_date_of_ones_own_are_not_for_several(as_adviser, people):
    offer, slot = OfferFactory(preselected=True), SlotFactory(capacity=1)
    query = {"acte": "convocation", "personne": [one.pk for one in people]}

    page = as_adviser.get(confirm(offer), query)
    for choice in (slot.pk, "libre"):
        do(as_adviser, offer, ActKind.APPOINTMENT, people, choice=choice)

    assert "pas de créneau à plusieurs places" in messages_of(page)
    assert not Appointment.objects.exists()


def test_what_is_wrong_with_the_day_is_said_and_the_ticks_stay(as_adviser, people):
    offer = OfferFactory(preselected=True)

    response = do(as_adviser, offer, ActKind.CV_REQUEST, people[:2], due_on=in_days(-1))

    assert "Choisissez un jour entre demain" in messages_of(response)
    assert response.context["ticked"] == {one.pk for one in people[:2]}
    assert not CvRequest.objects.exists()


def test_what_the_offer_asks_is_ticked_once_for_all(as_adviser, people):
    """Domain 5.3."""
    offer = OfferFactory(delegated_preselection=True)
    line = requirements_of(offer)[0]

    do(as_adviser, offer, ActKind.SCREENED_REFERRAL, people, criteria_met=[line])

    met = ScreenedReferral.objects.values_list("criteria_met", flat=True)
    assert list(met) == [[line]] * 3


def test_an_act_that_is_not_of_the_offer_or_of_none_is_refused(as_adviser, people):
    """Art. 3.2."""
    offer = OfferFactory(preselected=True)

    assert do(as_adviser, offer, ActKind.REFERRAL, people).status_code == 409
    assert as_adviser.get(f"{confirm(offer)}?acte=autre").status_code == 404


def test_persons_come_in_the_french_order(as_adviser, adviser, offer):
    """J: « É » stood after « X »."""
    names = ["Ébène", "eden", "Élan", "Xavier"]
    people = [CandidateFactory(adviser=adviser, last_name=one) for one in names[::-1]]
    query = {"personne": [one.pk for one in people]}

    page = as_adviser.get(confirm(offer), query)
    done = propose(as_adviser, offer, people)
    [sheets] = {
        tag.attrs["href"]
        for tag in Page.of(done).all("a")
        if "/fiches/" in tag.attrs.get("href", "")
    }

    for words in (messages_of(page), messages_of(as_adviser.get(sheets))):
        assert sorted(names, key=words.index) == names


def test_an_offer_that_changed_meanwhile_is_read_again_before_anything_is_made(
    as_adviser, offer, people
):
    """The sheets that are made are those of the offer that was shown."""
    ticked = {"personne": [one.pk for one in people]}
    page = as_adviser.get(confirm(offer), ticked)
    with writing_offers():
        Offer.objects.update(title="Autre métier", content_hash=b"another")

    again = as_adviser.post(confirm(offer), longest_form(page).data(**ticked))
    made_first = Referral.objects.count()
    as_adviser.post(confirm(offer), longest_form(again).data(**ticked))

    assert (again.status_code, made_first) == (409, 0)
    assert "L’offre a changé depuis que vous avez ouvert cette page" in messages_of(
        again
    )
    assert Referral.objects.count() == 3
