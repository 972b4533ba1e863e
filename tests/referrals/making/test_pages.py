"""The act in three screens, and its page (U2, U3, U7), through the front door."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.users.enums import UserState
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format, moment
from referrals.acts.models import usual_channel
from referrals.acts.states import ReferralState
from referrals.candidates.models import Candidate
from referrals.direct.models import Referral
from referrals.follow_up import actions as follow_up
from tests.accounts.factories import AdviserFactory, amend
from tests.conftest import sign_in
from tests.forms import forms_of, longest_form
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
    end,
)

pytestmark = pytest.mark.django_db

NEW = {"first_name": "Zoé", "last_name": "Nouvelle"}


@pytest.fixture
def referral(candidate):
    return DocumentFactory(act__candidate=candidate, ready=True).act


def start(offer):
    return reverse("referral_start", args=[offer.pk])


def confirm(offer, candidate):
    return reverse("referral_confirm", args=[offer.pk, candidate.pk])


def key_of(response):
    return re.search(r'name="key" value="([0-9a-f-]{36})"', response.text)[1]


# --- The journey ----------------------------------------------------------------------


def test_from_the_offer_to_the_numbered_act_in_three_screens(as_adviser, candidate):
    """U3: choose, check, done; two clicks."""
    offer = OfferFactory()

    who = as_adviser.get(start(offer))
    assert confirm(offer, candidate) in who.text

    check = as_adviser.get(confirm(offer, candidate))
    assert "Karim Benali" in check.text
    assert "recrutement@employeur.example" in check.text
    assert "Numéro attribué à la confirmation" in check.text

    done = as_adviser.post(
        confirm(offer, candidate), {"key": key_of(check)}, follow=True
    )
    referral = Referral.objects.get()
    assert done.redirect_chain == [(referral.get_absolute_url(), 302)]
    assert f"<h1>Karim Benali · {offer.title}</h1>" in done.text
    assert "C’est fait" in done.text
    # The PDF is not there yet: progress, and the text to read meanwhile.
    assert "<progress" in done.text
    document = referral.documents.get()
    assert reverse("document_progress", args=[document.pk]) in done.text
    assert document.get_absolute_url() in done.text


def test_a_hired_person_is_signalled_and_not_refused(as_adviser, adviser):
    """The job and its day, as the own structure knows them."""
    candidate = CandidateFactory(adviser=adviser, ft_id="1234567A")
    elsewhere = CandidateFactory(adviser=AdviserFactory(), ft_id="1234567A")
    end(ReferralFactory(candidate=elsewhere, handed_over=True))
    offer = OfferFactory()
    assert "Embauche notée" not in as_adviser.get(confirm(offer, candidate)).text

    hired = ReferralFactory(
        candidate=candidate, offer=OfferFactory(title="Serveur"), handed_over=True
    )
    end(hired)
    page = as_adviser.get(confirm(offer, candidate))

    assert f'<a href="{hired.get_absolute_url()}">Serveur</a>' in page.text
    assert f"Embauche notée le {date_format(hired.outcome.on)}" in page.text
    as_adviser.post(confirm(offer, candidate), {"key": key_of(page)})
    assert Referral.objects.filter(offer=offer).count() == 1


def test_the_steps_stay_where_one_is(as_adviser, candidate):
    """Also after a refusal; the third one until the document is handed over."""
    offer = OfferFactory()

    def step(response):
        return re.search(r'<li aria-current="step"><span>(\d)', response.text)[1]

    assert step(as_adviser.get(start(offer))) == "1"
    check = as_adviser.get(confirm(offer, candidate))
    assert step(check) == "2"
    typed = {"key": key_of(check), "version": "autre"}
    assert step(as_adviser.post(confirm(offer, candidate), typed)) == "2"
    made = as_adviser.post(confirm(offer, candidate), {"key": key_of(check)})
    act = Referral.objects.get()
    assert step(as_adviser.get(made.url)) == "3"
    refused = post(as_adviser, "referral_hand_over", act, channel="main", on="x")
    assert step(refused) == "3"
    again = as_adviser.post(confirm(offer, candidate), {"key": str(uuid.uuid4())})
    assert (again.status_code, step(again)) == (409, "2")
    today = timezone.localdate().isoformat()
    handed = post(as_adviser, "referral_hand_over", act, channel="main", on=today)
    assert 'aria-current="step"' not in handed.text


def test_one_click_records_the_channel_of_the_last_hand_over(as_adviser, candidate):
    adviser, today = candidate.adviser, timezone.localdate()
    assert usual_channel(adviser) == "main"
    for channel in ("courriel", "sms"):
        act = ReferralFactory(candidate=candidate)
        follow_up.hand_over(act, by=adviser, channel=channel, on=today)
        assert usual_channel(adviser) == channel
    act = DocumentFactory(act__candidate=candidate, ready=True).act
    page = as_adviser.get(act.get_absolute_url())
    assert "Marquer remis par SMS" in page.text

    first = next(form for form in forms_of(page) if "channel" in form.values)
    as_adviser.post(first.action, first.data())

    act.refresh_from_db()
    assert (act.channel, act.handed_over_on) == ("sms", today)


def test_a_new_person_is_added_on_the_way(as_adviser, adviser):
    """U3: one screen more, none of them a detour."""
    offer = OfferFactory()

    response = as_adviser.post(start(offer), NEW)

    added = Candidate.objects.get()
    # An address says nothing of the person but her key (V17).
    assert (added.adviser, response.url) == (adviser, confirm(offer, added))


def test_a_namesake_warns_on_the_way_and_leads_on_with_either(as_adviser, candidate):
    """U3."""
    offer = OfferFactory()
    typed = {"first_name": "karim", "last_name": "BENALI"}

    warned = as_adviser.post(start(offer), typed)
    assert confirm(offer, candidate) in warned.text
    assert "Ajouter quand même" in warned.text

    other = as_adviser.post(start(offer), typed | {"create_anyway": "1"})
    assert Candidate.objects.count() == 2
    assert other.status_code == 302


def test_an_exact_look_up_finds_an_older_candidate(as_adviser, adviser):
    old = CandidateFactory(adviser=adviser, ft_id="1234567A")
    for _ in range(8):
        CandidateFactory(adviser=adviser)
    offer = OfferFactory()
    assert confirm(offer, old) not in as_adviser.get(start(offer)).text

    found = as_adviser.post(start(offer), {"who": "1234567 a", "look_up": "1"})

    assert confirm(offer, old) in found.text


def test_a_double_click_makes_one_act(as_adviser, candidate):
    """R10."""
    offer, key = OfferFactory(), str(uuid.uuid4())

    first, second = (
        as_adviser.post(confirm(offer, candidate), {"key": key}) for _ in range(2)
    )

    assert first.url == second.url == Referral.objects.get().get_absolute_url()


def test_a_second_form_is_refused_and_leads_to_the_act(as_adviser, candidate):
    """R10."""
    live = ReferralFactory(candidate=candidate)
    first = as_adviser.get(start(live.offer))
    assert live.get_absolute_url() in first.text
    assert confirm(live.offer, candidate) not in first.text

    response = as_adviser.post(
        confirm(live.offer, candidate), {"key": str(uuid.uuid4())}
    )

    assert response.status_code == 409
    assert "<h1>Déjà fait\u00a0: mise en contact</h1>" in response.text
    assert "Cette offre est déjà proposée à ce candidat" in response.text
    (button,) = Page.of(response).primary_actions()
    assert button == "Voir la proposition"
    assert Page.of(response).links()[button] == live.get_absolute_url()


def test_a_withdrawn_offer_is_impossible_though_the_act_is_there(as_adviser, candidate):
    """The heading says the cause; the link leads to the act all the same."""
    live = ReferralFactory(candidate=candidate)
    withdraw(live.offer)

    response = as_adviser.get(confirm(live.offer, candidate))

    assert "<h1>Mise en contact impossible</h1>" in response.text
    assert live.get_absolute_url() in response.text


def test_an_offer_that_changed_before_the_click_is_shown_and_confirmed_again(
    as_adviser, candidate
):
    """The sheet that is made is the one that was shown."""
    offer = OfferFactory()
    page = as_adviser.get(confirm(offer, candidate))
    with writing_offers():
        Offer.objects.update(title="Autre métier", content_hash=b"another")

    again = as_adviser.post(confirm(offer, candidate), longest_form(page).data())
    made_first = Referral.objects.count()
    done = as_adviser.post(confirm(offer, candidate), longest_form(again).data())

    assert again.status_code == 409
    assert "L’offre a changé depuis que vous avez ouvert cette page" in again.text
    assert "Autre métier" in again.text
    assert made_first == 0
    assert done.url == Referral.objects.get().get_absolute_url()


def test_an_offer_withdrawn_between_page_and_click_is_refused_with_three_others(
    as_adviser, candidate
):
    """R2: the reason, and three live look-alikes to propose to the same person."""
    offer = OfferFactory()
    alike = OfferFactory.create_batch(4)
    key = key_of(as_adviser.get(confirm(offer, candidate)))
    withdraw(offer)

    response = as_adviser.post(confirm(offer, candidate), {"key": key})

    assert response.status_code == 409
    assert "France Travail a suspendu cette offre" in response.text
    shown = [other for other in alike if confirm(other, candidate) in response.text]
    assert len(shown) == 3
    # Nothing of the withdrawn offer but its number (3.1).
    assert offer.get_absolute_url() not in response.text
    assert not Referral.objects.exists()


@pytest.mark.parametrize("page", ["start", "confirm"])
def test_a_withdrawn_offers_steps_are_refused_from_the_first(
    as_adviser, candidate, page
):
    offer = OfferFactory()
    withdraw(offer, OfferState.FILLED)
    url = start(offer) if page == "start" else confirm(offer, candidate)

    response = as_adviser.get(url)

    assert response.status_code == 409
    assert "Cette offre est pourvue (convention, art. 3.1)." in response.text


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_a_form_without_its_key_makes_nothing(as_adviser, candidate, key):
    response = as_adviser.post(confirm(OfferFactory(), candidate), {"key": key})

    assert response.status_code == 200
    assert not Referral.objects.exists()


def test_an_rgc_acts_as_an_adviser_for_his_own_candidates(as_rgc, rgc):
    mine = CandidateFactory(adviser=rgc)

    response = as_rgc.post(confirm(OfferFactory(), mine), {"key": str(uuid.uuid4())})

    assert response.url == Referral.objects.get().get_absolute_url()


# --- Following up ---------------------------------------------------------------------


def post(client, name, referral, **typed):
    return client.post(reverse(name, args=[referral.pk]), typed, follow=True)


def test_handed_over_contact_interview_outcome_and_back(as_adviser, referral):
    today = timezone.localdate().isoformat()

    post(as_adviser, "referral_hand_over", referral, channel="main", on=today)
    post(as_adviser, "referral_contact", referral, on=today)
    post(as_adviser, "referral_interview", referral, on="")
    ended = post(
        as_adviser,
        "referral_outcome",
        referral,
        code="embauche",
        declared_by="employeur",
        on=today,
    )
    assert "Embauche" in ended.text
    assert "Suite : Embauche" in ended.text

    undone = post(as_adviser, "referral_outcome_undo", referral)
    referral.refresh_from_db()
    assert referral.state == ReferralState.INTERVIEW
    assert "Suite annulée : Embauche" in undone.text


@pytest.mark.parametrize(
    ("traits", "action"),
    [
        ({"ready": True}, "Imprimer le PDF (nouvel onglet)"),
        ({"state": "echec", "failure": "panne"}, "Relancer"),
        ({"ready": True, "act__handed_over": True}, None),
    ],
    ids=["to print", "failed", "handed over"],
)
def test_one_action_stands_out_at_each_step(as_adviser, candidate, traits, action):
    document = DocumentFactory(act__candidate=candidate, **traits)

    page = Page.of(as_adviser.get(document.act.get_absolute_url()))

    assert page.primary_actions() == [action] * bool(action)


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/", "Chercher"),
        ("/candidats/", "Ajouter un candidat"),
        ("/mises-en-contact/", "Chercher une offre"),
    ],
)
def test_one_action_stands_out_where_there_is_nothing_yet(as_adviser, path, action):
    assert Page.of(as_adviser.get(path)).primary_actions() == [action]


def test_no_channel_or_a_day_to_come_is_refused_in_words(as_adviser, referral):
    response = post(as_adviser, "referral_hand_over", referral, on="2026-11-24")
    assert response.status_code == 200
    assert "Choisissez une réponse à « Mode de remise »" in response.text
    assert "<title>Erreur : " in response.text
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    response = post(
        as_adviser, "referral_hand_over", referral, channel="main", on=tomorrow
    )

    assert "Cette date n’est pas encore passée." in response.text
    referral.refresh_from_db()
    assert referral.state == ReferralState.PROPOSED


def test_nobody_types_france_travails_word_for_it(as_adviser, referral):
    referral.hand_over(by=referral.adviser, channel="main", on=timezone.localdate())

    post(
        as_adviser,
        "referral_outcome",
        referral,
        code="embauche",
        declared_by="france_travail",
        on=timezone.localdate(),
    )

    referral.refresh_from_db()
    assert referral.outcome is None


def test_the_same_gesture_sent_twice_is_told_as_done(as_adviser, referral):
    today = timezone.localdate()
    for _ in range(2):
        response = post(
            as_adviser, "referral_hand_over", referral, channel="main", on=today
        )

    assert response.status_code == 200
    assert referral.steps.filter(target=ReferralState.HANDED_OVER).count() == 1


def test_a_gesture_that_came_too_late_is_refused_with_its_reason(as_adviser, referral):
    referral.cancel(by=referral.adviser)

    response = post(
        as_adviser,
        "referral_hand_over",
        referral,
        channel="main",
        on=timezone.localdate(),
    )

    assert response.status_code == 409
    assert "ne peut pas devenir" in response.text
    # Who did what, and when.
    step = referral.steps.get(target="annulee")
    assert f"«\u00a0annulée\u00a0» le {moment(step.at)} par vous" in response.text
    assert f'href="{referral.get_absolute_url()}"' in response.text


def test_called_off_in_one_click_for_24_hours_then_with_a_reason(
    client, adviser, referral
):
    """A6."""
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        sign_in(client, adviser)
        page = client.get(referral.get_absolute_url())
        assert 'name="reason"' in page.text

        refused = post(client, "referral_cancel", referral)
        assert "Choisissez une réponse à « Motif »" in refused.text

        post(client, "referral_cancel", referral, reason="candidat")
    referral.refresh_from_db()
    assert referral.state == ReferralState.CANCELLED


def test_called_off_within_24_hours_needs_no_reason(as_adviser, referral):
    """A6."""
    page = as_adviser.get(referral.get_absolute_url())
    assert 'name="reason"' not in page.text
    # Asked once: the fold opens on the button that does it.
    assert page.text.count(reverse("referral_cancel", args=[referral.pk])) == 1

    response = post(as_adviser, "referral_cancel", referral)

    referral.refresh_from_db()
    assert referral.state == ReferralState.CANCELLED
    assert "Le document n’est plus valable" in response.text


def test_a_withdrawn_offer_is_a_mark_and_not_a_state(as_adviser, referral):
    withdraw(referral.offer)

    page = as_adviser.get(referral.get_absolute_url())

    assert "Offre retirée" in page.text
    assert "Ne remettez pas le document" in page.text
    # The offer's own page is gone: no link to it.
    assert referral.offer.get_absolute_url() not in page.text
    referral.refresh_from_db()
    assert referral.state == ReferralState.PROPOSED


FOLLOW_UP = [
    "referral_hand_over",
    "referral_contact",
    "referral_interview",
    "referral_outcome",
    "referral_outcome_undo",
    "referral_cancel",
]


@pytest.mark.parametrize("name", FOLLOW_UP)
def test_a_gesture_is_never_an_address_to_open(as_adviser, referral, name):
    """Who goes back to a corrected form finds the way to the act."""
    response = as_adviser.get(reverse(name, args=[referral.pk]))

    assert response.status_code == 405
    assert f'href="{referral.get_absolute_url()}"' in response.text


# --- The list -------------------------------------------------------------------------


def test_the_list_holds_my_acts_and_tells_the_journal_how_many_persons(
    as_adviser, adviser, candidate
):
    """S24, S38."""
    mine = [ReferralFactory(candidate=candidate) for _ in range(2)]
    ReferralFactory(candidate__adviser=AdviserFactory(structure=adviser.structure))
    ReferralFactory()

    response = as_adviser.get(reverse("referrals"))

    assert set(response.context["page"]) == set(mine)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.persons) == ("persons_listed", 1)


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ("", {"to_hand", "under_way", "gone", "ended", "cancelled"}),
        ("a-remettre", {"to_hand"}),
        ("a-refaire", set()),
        ("en-cours", {"under_way"}),
        ("retirees", {"gone"}),
        ("terminees", {"ended"}),
        ("annulees", {"cancelled"}),
        ("inconnu", {"to_hand", "under_way", "gone", "ended", "cancelled"}),
    ],
)
def test_each_choice_keeps_its_acts_and_tells_its_count(
    as_adviser, candidate, choice, kept
):
    """U7."""
    acts = {
        "to_hand": ReferralFactory(candidate=candidate),
        "under_way": ReferralFactory(candidate=candidate, contacted=True),
        "gone": ReferralFactory(candidate=candidate),
        "ended": ReferralFactory(candidate=candidate, handed_over=True),
        "cancelled": ReferralFactory(candidate=candidate, cancelled=True),
    }
    end(acts["ended"])
    withdraw(acts["gone"].offer)

    response = as_adviser.get(reverse("referrals"), {"etat": choice})

    assert set(response.context["page"]) == {acts[name] for name in kept}
    counts = {c.value: c.count for c in response.context["filter"].choices}
    assert counts == {
        "": 5,
        "a-remettre": 1,
        "a-refaire": 0,
        "en-cours": 1,
        "retirees": 1,
        "sans-nouvelles": 0,
        "terminees": 1,
        "annulees": 1,
    }


# --- The panel of the offer's page ----------------------------------------------------


def panel(client, offer):
    text = client.get(offer.get_absolute_url()).text
    found = re.search(
        r'<section class="opus-panel" id="actes".*?</section>', text, re.DOTALL
    )
    # Non-breaking spaces stay.
    text = re.sub(r"</?(?:strong|a)\b[^>]*>", "", found[0])
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_panel_says_what_may_be_done_and_why_not(as_adviser):
    """U2."""
    offer = OfferFactory(posts=2)
    ReferralFactory.create_batch(3, offer=offer)

    told = panel(as_adviser, offer)

    assert "Proposer cette offre" in told
    assert (
        "Mise en contact avec présélection, demande de CV, convocation"
        " : non. Réservé aux offres avec présélection (convention, art. 3.2)."
    ) in told
    assert "2 postes à pourvoir · 3 propositions en cours" in told


@pytest.mark.parametrize(
    ("trait", "acts"),
    [
        ("preselected", "Demander un CV Convoquer un candidat"),
        ("delegated_preselection", "Proposer avec présélection"),
    ],
)
def test_the_panel_of_a_preselected_offer_offers_its_own_acts(as_adviser, trait, acts):
    """U2, art. 3.2."""
    told = panel(as_adviser, OfferFactory(**{trait: True}))

    assert f"Ce que vous pouvez faire {acts}" in told
    assert ("Mise en contact : non. Réservé aux offres sans présélection") in told


def test_the_panel_names_my_candidates_and_only_counts_the_others(
    as_adviser, candidate
):
    """9.2, S38."""
    offer = ReferralFactory(candidate=candidate).offer
    ReferralFactory(offer=offer, candidate__last_name="Canari")

    told = panel(as_adviser, offer)

    assert "Déjà proposée à K. Benali le" in told
    assert "Canari" not in told
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.persons, entry.target_id) == (
        "persons_listed",
        1,
        offer.pk,
    )


def test_the_panel_of_a_consultation_only_convention_gives_one_reason(
    as_adviser, adviser
):
    amend(adviser.structure.conventions.get(), referrals=False)

    told = panel(as_adviser, OfferFactory())

    assert told.count("art. 3.2") == 1
    assert "Aucune proposition possible. Consultation seule" in told


def test_the_panel_says_when_every_post_is_taken(as_adviser):
    offer = OfferFactory(posts=1)
    end(ReferralFactory(offer=offer, handed_over=True))

    told = panel(as_adviser, offer)

    assert "Plus de poste à pourvoir" in told
    assert "Tous les postes de cette offre sont pris" in told


def test_a_suspended_account_is_out_before_any_act(client, adviser, candidate):
    """S14."""
    sign_in(client, adviser)
    adviser.suspend(by=None, reason="absence")
    assert adviser.state == UserState.SUSPENDED

    response = client.post(
        confirm(OfferFactory(), candidate), {"key": str(uuid.uuid4())}
    )

    assert response.status_code == 403
    assert "<h1>Votre session s’est terminée</h1>" in response.text
    assert not Referral.objects.exists()
