"""Applications with preselection through the front door: pages, journeys, isolation."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from referrals.acts.states import ScreenedState
from referrals.preselection import actions
from referrals.preselection.forms import requirements_of
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AdviserFactory, AgencyFactory, AgentFactory
from tests.cases import each_case
from tests.conftest import sign_in
from tests.harness import letters
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import AppointmentFactory, ReferralFactory, end, entrust
from tests.referrals.screened import (
    ASKS,
    QUESTION,
    ScreenedReferralFactory,
    in_state,
    sheet_of,
)

pytestmark = pytest.mark.django_db
S = ScreenedState
EMPLOYER = "recrutement@employeur.example"


@pytest.fixture
def offer():
    return OfferFactory(delegated_preselection=True, details=ASKS)


def start(offer):
    return reverse("screened_referral_start", args=[offer.pk])


def confirm(offer, candidate):
    return reverse("screened_referral_confirm", args=[offer.pk, candidate.pk])


def url(name, act):
    return reverse(f"screened_{name}", args=[act.pk])


def text_of(response):
    return response.text.replace("\xa0", " ")


def today():
    return timezone.localdate().isoformat()


# --- What the offer asks --------------------------------------------------------------


def test_the_checklist_is_in_the_offers_own_words(offer):
    assert [line.replace("\xa0", " ") for line in requirements_of(offer)] == [
        "Expérience : Débutant accepté, en maçonnerie",
        "Formation : CAP",
        "Permis : B - Véhicule léger (souhaité)",
        "Compétence : Couler une dalle",
        "Horaires : Temps plein, 35 h par semaine",
        "Lieu : L’Isle-d’Abeau (38080)",
    ]


def test_a_wordy_offer_keeps_its_hours_and_its_place(offer):
    skills = [{"libelle": f"{n} " + "x" * 400, "exigence": "E"} for n in range(60)]
    offer.details = {"competences": skills}

    lines = requirements_of(offer)

    assert len(lines) == 20
    assert max(map(len, lines)) == 200
    assert lines[-1].startswith("Lieu")


def test_a_bare_offer_asks_nothing(as_adviser, candidate):
    bare = OfferFactory(
        delegated_preselection=True,
        details={},
        experience_label="",
        hours_label="",
        full_time=None,
        place_label="",
        postcode="",
    )
    assert requirements_of(bare) == []

    page = as_adviser.get(confirm(bare, candidate))

    assert "Ce que demande l’offre" not in text_of(page)
    assert as_adviser.post(page.request["PATH_INFO"], {"key": str(uuid.uuid4())}).url


# --- The journey ----------------------------------------------------------------------


def test_from_the_offer_to_the_outcome_where_it_is_delegated(
    as_adviser, candidate, offer
):
    """U3: the whole way, by one adviser."""
    assert confirm(offer, candidate) in as_adviser.get(start(offer)).text
    check = as_adviser.get(confirm(offer, candidate))
    assert EMPLOYER not in check.text
    assert "Votre contact étudie d’abord votre candidature" in check.text
    met = requirements_of(offer)[:2]
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', check.text)[1]

    done = as_adviser.post(
        confirm(offer, candidate), {"key": key, "criteria_met": met}, follow=True
    )

    act = ScreenedReferral.objects.get()
    assert act.number.startswith("MEP-")
    assert act.criteria_met == met
    assert done.redirect_chain == [(act.get_absolute_url(), 302)]
    assert "C’est fait" in done.text
    assert act.documents.get().title == (
        f"Proposition d’offre d’emploi avec présélection n°\xa0{act.number}"
    )
    gestures = [
        ("hand_over", {"channel": "main", "on": today()}, S.TO_REVIEW),
        ("shortlist", {}, S.SHORTLISTED),
        ("present", {"on": today()}, S.PRESENTED),
        ("interview", {"on": ""}, S.INTERVIEW),
        (
            "outcome",
            {"code": "embauche", "declared_by": "candidat", "on": today()},
            S.ENDED,
        ),
        ("outcome_undo", {}, S.INTERVIEW),
    ]
    for name, data, state in gestures:
        page = as_adviser.get(act.get_absolute_url())
        assert url(name, act) in page.text, name
        response = as_adviser.post(url(name, act), data, follow=True)
        assert response.status_code == 200
        assert EMPLOYER not in response.text
        act.refresh_from_db()
        assert act.state == state


def test_where_france_travail_keeps_it_the_adviser_waits_and_then_follows(
    as_adviser, candidate, agent
):
    """Art. 3.2: he sees no button that is not his, and a forged post is refused."""
    act = in_state(
        S.TO_REVIEW, agent=agent, candidate=candidate, offer__delegated=False
    )

    page = text_of(as_adviser.get(act.get_absolute_url()))

    assert "France Travail examine cette candidature" in page
    assert "Présélectionner" not in page
    for name, data in [("shortlist", {}), ("set_aside", {"reason": "assez"})]:
        refused = as_adviser.post(url(name, act), data)
        assert refused.status_code == 409
        assert "France Travail garde la présélection" in refused.text
    actions.shortlist(act, by=agent)
    assert as_adviser.post(url("present", act), {"on": today()}).status_code == 409
    actions.present(act, by=agent, on=timezone.localdate())
    assert as_adviser.post(url("interview", act), {"on": ""}).status_code == 302
    data = {"code": "embauche", "declared_by": "employeur", "on": today()}
    assert as_adviser.post(url("outcome", act), data).status_code == 302
    act.refresh_from_db()
    assert act.outcome.is_hire


def test_a_box_that_the_offer_no_longer_has_is_told_and_nothing_is_made(
    as_adviser, candidate, offer
):
    """Nothing free is kept about a person (9.2)."""
    met = requirements_of(offer)
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(details={})

    page = as_adviser.post(
        confirm(offer, candidate), {"key": uuid.uuid4(), "criteria_met": met}
    )

    assert "L’offre a changé entre-temps" in page.text
    assert not ScreenedReferral.objects.exists()


def test_an_offer_of_another_mode_says_why_not(as_adviser, candidate):
    for mode, sentence in [
        ({}, "Réservé aux offres avec présélection"),
        (
            {"preselected": True},
            "Réservé aux offres dont la présélection vous est déléguée",
        ),
    ]:
        response = as_adviser.get(confirm(OfferFactory(**mode), candidate))
        assert response.status_code == 409
        assert sentence in response.text


def test_reading_b_opens_the_act_where_france_travail_keeps_the_preselection(
    as_adviser, candidate, settings
):
    """Another reading of the article; the preselection stays hers."""
    settings.ACTS_READING = "B"
    kept = OfferFactory(preselected=True)

    as_adviser.post(confirm(kept, candidate), {"key": str(uuid.uuid4())})

    act = ScreenedReferral.objects.get()
    assert not act.is_delegated
    page = text_of(as_adviser.get(act.get_absolute_url()))
    assert "à examiner par France Travail" in page


# --- The page of one ------------------------------------------------------------------


@each_case("state", S)
@each_case("is_delegated", [True, False])
def test_every_state_has_its_page_with_one_primary_button_at_most(
    as_adviser, candidate, agent, state, is_delegated
):
    act = in_state(
        state, agent=agent, candidate=candidate, offer__delegated=is_delegated
    )
    sheet_of(act, state="pret", content=b"%PDF", ready_at=timezone.now())

    page = as_adviser.get(act.get_absolute_url())

    assert page.status_code == 200
    main = page.text.partition("<main")[2].partition("</main>")[0]
    primary = [
        classes
        for classes in re.findall(r'class="(fr-btn[^"]*)"', main)
        if "secondary" not in classes and "tertiary" not in classes
    ]
    # The sheet to print and its hand-over stand together on an act just made.
    assert len(primary) <= 1, primary
    assert EMPLOYER not in page.text
    assert "MEP-" in page.text


@pytest.mark.parametrize("led_by", [CvRequestFactory, AppointmentFactory])
def test_one_that_follows_from_a_cv_or_an_appointment_says_so(
    as_adviser, candidate, agent, led_by
):
    """It begins at *présélectionnée*, and goes on without a sheet."""
    offer = OfferFactory(preselected=True)
    persons = {"candidate": candidate, "offer": offer}
    earlier = led_by(**persons)
    act = ScreenedReferralFactory(**persons, state=S.SHORTLISTED, follows=earlier)

    page = text_of(as_adviser.get(act.get_absolute_url()))

    assert f"n° {earlier.number} : elle n’a pas de document à remettre" in page
    assert "titre-document" not in page
    actions.present(act, by=agent, on=timezone.localdate())
    assert as_adviser.post(url("interview", act), {"on": ""}).status_code == 302
    as_adviser.post(url("cancel", act))
    act.refresh_from_db()
    assert act.state == S.CANCELLED


def test_the_adviser_is_told_how_to_present_and_nobodys_address(
    as_adviser, candidate, agent, offer
):
    """Through the agency."""
    act = in_state(S.SHORTLISTED, agent=agent, candidate=candidate, offer=offer)

    page = text_of(as_adviser.get(act.get_absolute_url()))

    assert "Envoyez le CV à l’agence Villefontaine" in page
    assert "04 65 71 00 01, ape.38086@ft.example" in page
    assert EMPLOYER not in page
    assert "M. Essai" not in page


def test_what_is_met_and_what_was_not_ticked(as_adviser, candidate, agent, offer):
    met = requirements_of(offer)[:1]
    act = in_state(
        S.TO_REVIEW, agent=agent, candidate=candidate, offer=offer, criteria_met=met
    )

    response = as_adviser.get(act.get_absolute_url())

    assert response.context["criteria_met"] == met
    assert response.context["criteria_left"] == requirements_of(offer)[1:]
    withdraw(offer)
    # A withdrawn offer shows nothing of what it asked (3.1).
    assert "Couler une dalle" not in as_adviser.get(act.get_absolute_url()).text


def test_one_set_aside_shows_its_reason_and_a_neutral_message(
    as_adviser, candidate, agent
):
    act = in_state(S.SET_ASIDE, agent=agent, candidate=candidate)

    response = as_adviser.get(act.get_absolute_url())

    assert "lieu ou déplacements incompatibles" in response.text
    message = Page.of(response).by_id("message-a-dire").words()
    assert "Bonjour Karim Benali, Votre candidature" in message
    assert "ne sera pas présentée à l’employeur" in message
    assert "incompatibles" not in message
    assert "France Travail peut encore reprendre" in text_of(response)


def test_an_adviser_sets_one_aside_with_its_reason(as_adviser, candidate, agent):
    act = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)

    as_adviser.post(url("set_aside", act), {"reason": "mobilite"})

    act.refresh_from_db()
    assert (act.state, act.reason) == (S.SET_ASIDE, "mobilite")


def test_a_set_aside_without_a_reason_is_asked_for_it(as_adviser, candidate, agent):
    act = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)

    page = as_adviser.post(url("set_aside", act), {"reason": ""})

    assert "Choisissez une réponse" in page.text
    act.refresh_from_db()
    assert act.state == S.TO_REVIEW


def test_a_second_click_is_told_as_done(as_adviser, candidate, agent):
    act = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)

    for _ in range(2):
        response = as_adviser.post(url("shortlist", act), follow=True)
        assert "La candidature est présélectionnée" in response.text
    assert act.steps.filter(target=S.SHORTLISTED).count() == 1


@pytest.mark.parametrize("hired_by", [ReferralFactory, ScreenedReferralFactory])
@pytest.mark.parametrize("kind", [ReferralFactory, ScreenedReferralFactory])
def test_after_a_hire_the_persons_other_acts_of_all_kinds_are_pointed_out(
    as_adviser, candidate, agent, hired_by, kind
):
    if hired_by is ReferralFactory:
        hired = ReferralFactory(candidate=candidate, handed_over=True)
        end(hired)
    else:
        hired = in_state(S.ENDED, agent=agent, candidate=candidate)
    other = kind(candidate=candidate)
    elsewhere = ReferralFactory()

    page = as_adviser.get(hired.get_absolute_url()).text

    assert other.get_absolute_url() in page
    assert elsewhere.number not in page


def test_a_withdrawn_offer_says_that_the_place_is_kept(as_adviser, candidate, agent):
    act = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)
    withdraw(act.offer)

    page = text_of(as_adviser.get(act.get_absolute_url()))

    assert "France Travail a retiré l’offre" in page
    assert "La proposition garde sa place" in page


# --- The list -------------------------------------------------------------------------


def test_the_list_has_its_choices_with_their_counts(as_adviser, candidate, agent):
    for state in S:
        in_state(state, agent=agent, candidate=candidate)

    page = as_adviser.get(reverse("screened_referrals"))

    assert {c.label: c.count for c in page.context["filter"].choices} == {
        "Toutes": 10,
        # One that is marked handed over goes on by itself.
        "Document à remettre": 1,
        "Document à refaire": 0,
        "Offres retirées ou modifiées": 0,
        "À examiner": 1,
        "Complément demandé": 1,
        "Présélectionnées": 1,
        "Présentées": 2,
        "Sans nouvelles": 0,
        "Suite connue": 1,
        "Écartées": 1,
        "Annulées": 1,
    }
    for choice in page.context["filter"].choices:
        listed = as_adviser.get(reverse("screened_referrals"), {"etat": choice.value})
        assert listed.context["page"].paginator.count == choice.count


# --- The letter -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.SET_ASIDE, S.ASKED_FOR_MORE])
def test_the_adviser_gets_one_letter_that_names_nobody(candidate, agent, state):
    """V17: a link, a number."""
    act = in_state(state, agent=agent, candidate=candidate)

    [letter] = letters()

    assert letter.to == [candidate.adviser.email]
    assert act.get_absolute_url() in letter.body
    whole = letter.subject + letter.body
    assert act.number not in letter.subject
    for word in ["Benali", "Karim", act.offer.title, act.offer_id, "incompatibles"]:
        assert word not in whole
    assert letters() == []


def test_neither_his_own_decision_nor_one_taken_back_is_written_to_him(
    candidate, agent
):
    own = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)
    actions.set_aside(own, by=candidate.adviser, reason="assez")
    back = in_state(S.SET_ASIDE, agent=agent, candidate=candidate)
    actions.reset(back, by=agent)

    assert letters() == []


def test_who_took_the_person_over_gets_the_letter(candidate, agent):
    act = in_state(S.TO_REVIEW, agent=agent, candidate=candidate)
    colleague = AdviserFactory(structure=candidate.structure)
    entrust(candidate, colleague)

    again = ScreenedReferral.objects.get(pk=act.pk)
    actions.ask_for_more(again, by=agent, text=QUESTION)

    assert [letter.to for letter in letters()] == [[colleague.email]]


# --- The desk -------------------------------------------------------------------------


def test_the_agency_examines_in_the_order_of_arrival(client, agent):
    sign_in(client, agent)
    acts = [in_state(S.TO_REVIEW, agent=agent) for _ in range(3)]
    elsewhere = ScreenedReferralFactory(to_review=True, offer__agency_safir="69001")
    # Made last, but the one that has waited longest.
    acts[2].steps.update(at=timezone.now() - dt.timedelta(days=4))

    tiles = client.get(reverse("admin:index")).context["queues"]
    [tile] = [one for one in tiles if one.label == "Candidatures à examiner"]
    page = client.get(tile.url)

    assert tile.value == "3"
    assert [task.pk for task in tile.tasks][0] == str(acts[2].pk)
    listed = [act.number for act in page.context["cl"].result_list]
    assert listed == [acts[2].number, acts[0].number, acts[1].number]
    assert elsewhere.number not in page.text


def test_another_agencys_act_has_no_sheet_and_no_button(client):
    """S27."""
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="69001")))
    act = ScreenedReferralFactory(to_review=True)
    label = "admin:referrals_screenedreferral"

    sheet = client.get(reverse(f"{label}_change", args=[act.pk]))
    button = client.post(reverse(f"{label}_action", args=[act.pk, "preselectionner"]))

    assert (sheet.status_code, button.status_code) == (404, 404)
    act.refresh_from_db()
    assert act.state == S.TO_REVIEW


def test_the_sheet_shows_what_the_adviser_ticked_and_the_buttons_of_its_state(
    client, agent
):
    sign_in(client, agent)
    act = in_state(S.TO_REVIEW, agent=agent, criteria_met=["Permis : B"])

    page = client.get(reverse("admin:referrals_screenedreferral_change", args=[act.pk]))

    assert "Permis : B" in page.text
    assert [verb.slug for verb in page.context["admin_actions"]] == [
        "preselectionner",
        "ecarter",
        "demander-un-complement",
        "rectifier",
    ]


def test_a_presentation_of_tomorrow_is_refused_at_the_desk(client, agent):
    sign_in(client, agent)
    act = in_state(S.SHORTLISTED, agent=agent)
    path = reverse(
        "admin:referrals_screenedreferral_action", args=[act.pk, "presenter"]
    )
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    page = client.post(path, {"on": tomorrow.isoformat()})

    assert "Choisissez un jour entre" in page.text
