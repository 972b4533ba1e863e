"""Orphan documents: offers withdrawn under open acts, and acts made in the dark."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from offers.catalogue import writes
from offers.enums import OfferState
from offers.feed.views import events
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from referrals.acts import jobs
from referrals.direct.models import Referral
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import FeedDeliveryFactory, OfferFactory, withdraw
from tests.offers.helpers.feed import (
    BATCH,
    SECRET,
    URL,
    body_of,
    event,
    figures_of,
    post,
    signed,
)
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
    end,
    entrust,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer():
    return OfferFactory(title="Couvreur zingueur", rome_code="F1610")


@pytest.fixture
def make(adviser, offer):
    """One more open act of my own on the offer, handed over."""

    def make(**traits):
        candidate = CandidateFactory(adviser=adviser)
        options = {"offer": offer, "handed_over": True} | traits
        return ReferralFactory(candidate=candidate, **options)

    return make


def relayed():
    """What is told now, as the texts of letters."""
    mail.outbox.clear()
    jobs.notify_withdrawals()
    outbox.relay()
    return [message.body.replace("\xa0", " ") for message in mail.outbox]


def test_an_adviser_is_told_once_of_all_his_acts(adviser, offer, make):
    """R1, V17: it names nobody and shows nothing of the offer."""
    mine = [make(), make(handed_over=False), make(offer=OfferFactory())]
    mine += [
        factory(candidate=CandidateFactory(adviser=adviser))
        for factory in (CvRequestFactory, AppointmentFactory)
    ]
    for one in {act.offer for act in mine}:
        withdraw(one)

    (text,) = relayed()

    whole = text + mail.outbox[0].subject
    for secret in (offer.title, *(act.candidate.last_name for act in mine)):
        assert secret not in whole
    assert mail.outbox[0].to == [adviser.email]
    nouns = [*["mise en contact"] * 3, "demande de CV", "convocation"]
    for act, noun in zip(mine, nouns, strict=True):
        said = f"offre n° {act.offer_id}, suspendue : {noun} n° {act.number}"
        known = ", personne à prévenir" if act.handed_over_on else ""
        assert f"{said}{known}\n" in text
    assert "Opus n’a rien écrit à ces candidats" in text
    assert "annulée" not in text
    assert relayed() == []


def test_an_offer_cancelled_for_good_does_not_come_back(as_adviser, offer, make):
    """Nowhere does the adviser read that he may wait for it."""
    acts = [make(), make(handed_over=False)]
    withdraw(offer, OfferState.CANCELLED)

    (text,) = relayed()

    assert "Une offre annulée ne revient pas" in text
    for path in ("/", *(act.get_absolute_url() for act in acts)):
        page = as_adviser.get(path).text.replace("\xa0", " ")
        assert "si l’offre revient" not in page
        assert "qu’elle revienne" not in page
        assert "annulez la proposition" in page or path == "/"


def test_only_those_with_open_acts_are_told(offer, make):
    make(cancelled=True)
    end(make())
    closed = make()
    closed.adviser.suspend(by=None, reason="essai")
    withdraw(offer)

    assert relayed() == []


def test_an_offer_that_comes_back_before_the_letter_leaves_is_not_told(offer, make):
    make()
    withdraw(offer)
    jobs.notify_withdrawals()
    withdraw(offer, OfferState.ACTIVE)

    outbox.relay()

    assert mail.outbox == []


def test_an_offer_withdrawn_again_is_told_again(offer, make):
    make()
    withdraw(offer)
    assert len(relayed()) == 1
    withdraw(offer, OfferState.ACTIVE)
    (letter,) = relayed()
    assert "France Travail a rouvert une offre" in letter

    withdraw(offer, OfferState.FILLED)

    assert len(relayed()) == 1


def test_who_took_the_person_over_is_told(offer, make):
    referral = make()
    colleague = AdviserFactory(structure=referral.structure)
    entrust(referral.candidate, colleague)
    withdraw(offer)

    relayed()

    assert [message.to for message in mail.outbox] == [[colleague.email]]


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_by_the_feed_wakes_who_tells(client, settings, monkeypatch):
    """After the commit, and only where something was withdrawn."""
    settings.FEED_SECRETS = [SECRET]
    woken = []
    monkeypatch.setattr(writes, "listeners", [woken.extend])
    OfferFactory(reference="188VMCV")

    assert figures_of(post(client, [event("creee", "199ABCD")]))[1] == 1
    assert woken == []
    assert figures_of(post(client, [event("annulee")]))[1] == 1
    assert woken == ["188VMCV"]


@pytest.mark.django_db(transaction=True)
def test_france_travail_has_its_answer_before_who_tells_is_woken(
    rf, settings, monkeypatch
):
    """P3: the web server closes an answer once its last byte has left."""
    settings.FEED_SECRETS = [SECRET]
    woken = []
    monkeypatch.setattr(writes, "listeners", [woken.extend])
    OfferFactory(reference="188VMCV")
    body = body_of([event("annulee")])

    answer = events(rf.post(URL, body, content_type=BATCH, headers=signed(body)))

    assert figures_of(answer)[1] == 1
    assert woken == []
    answer.close()
    assert woken == ["188VMCV"]


def test_the_tasks_listen_to_the_mirror():
    assert jobs.notify_withdrawals_now in writes.listeners


def test_no_worker_is_woken_for_an_offer_that_concerns_nobody(offer, make, monkeypatch):
    woken = []
    monkeypatch.setattr(
        jobs.notify_withdrawals, "apply_async", lambda **_: woken.append("told")
    )
    make()
    OfferFactory(reference="199ABCD")

    jobs.notify_withdrawals_now(["199ABCD"])
    assert woken == []
    jobs.notify_withdrawals_now(["199ABCD", offer.pk])
    jobs.notify_withdrawals_now([])
    assert woken == ["told", "told"]


# --- On screen ------------------------------------------------------------------------


def test_the_act_has_a_message_ready_and_three_live_offers(as_adviser, offer, make):
    referral = make()
    near = [OfferFactory(rome_code="F1610", title=f"Couvreur {n}") for n in range(4)]
    # Withdrawn, full by its content, full by a hire in Opus: no use to propose them.
    full = [
        OfferFactory(rome_code="F1610", title="Couvreur pris", posts=1, posts_left=left)
        for left in (0, None)
    ]
    end(ReferralFactory(handed_over=True, offer=full[1]))
    withdraw(near[0])
    withdraw(offer)

    page = Page.of(as_adviser.get(referral.get_absolute_url()))

    message = page.one("textarea").text
    assert message.startswith(f"Bonjour {referral.candidate},")
    assert f"(n° {offer.pk})" in message.replace("\xa0", " ")
    links = set(page.links().values())
    assert {one.get_absolute_url() for one in near[1:]} <= links
    assert not {one.get_absolute_url() for one in (near[0], *full)} & links
    for one in near[1:]:
        assert one.title in message
    assert str(referral.adviser) in message


def test_who_has_no_sheet_needs_no_message(as_adviser, offer, make):
    referral = make(handed_over=False)
    OfferFactory(rome_code="F1610")
    withdraw(offer)

    for path in ("/", referral.get_absolute_url()):
        page = Page.of(as_adviser.get(path))
        assert page.all("textarea") == []
        assert "Ne remettez pas" in page.one("main").words()


def test_without_a_live_offer_alike_the_message_is_there(as_adviser, offer, make):
    referral = make()
    withdraw(offer)

    page = Page.of(as_adviser.get(referral.get_absolute_url()))

    assert page.one("textarea").text.startswith("Bonjour")
    assert "Aucune offre proche" in page.one("main").words()


def test_home_leads_to_the_message_of_each_act(as_adviser, make):
    """R23: whatever the number of withdrawn offers, it seeks none alike."""
    acts = [make(offer=OfferFactory()) for _ in range(3)]
    for act in acts:
        withdraw(act.offer)

    page = Page.of(as_adviser.get("/"))

    ends = [url for url in page.links().values() if url.endswith("#titre-prevenir")]
    assert set(ends) == {f"{act.get_absolute_url()}#titre-prevenir" for act in acts}


# --- À confirmer ----------------------------------------------------------------------

NOW = dt.datetime(2026, 11, 24, 13, 40, tzinfo=dt.UTC)


@pytest.fixture
def feed(settings):
    """A feed whose last sign of life is so many minutes old."""
    settings.FEED_SECRETS = [SECRET]

    def silent_for(minutes):
        FeedDeliveryFactory(received_at=NOW - dt.timedelta(minutes=minutes))

    with time_machine.travel(NOW, tick=False):
        yield silent_for


def refer_somebody(client, adviser, offer):
    """The act, made on its page."""
    sign_in(client, adviser)
    candidate = CandidateFactory(adviser=adviser)
    url = f"/offres/{offer.pk}/mettre-en-contact/{candidate.pk}/"
    page = Page.of(client.get(url))
    (key,) = [
        tag["value"] for tag in page.all("input", type="hidden") if tag["name"] == "key"
    ]
    client.post(url, {"key": key})
    return Referral.objects.get(candidate=candidate)


@pytest.mark.parametrize(("minutes", "flagged"), [(14, False), (15, False), (16, True)])
def test_after_fifteen_minutes_new_acts_are_to_confirm(
    client, adviser, offer, feed, minutes, flagged
):
    """R5."""
    feed(minutes)

    referral = refer_somebody(client, adviser, offer)

    assert referral.to_confirm is flagged
    words = Page.of(client.get(referral.get_absolute_url())).one("main").words()
    assert ("Opus ne recevait plus de nouvelles" in words) is flagged


@pytest.mark.django_db
def test_the_next_sign_of_life_confirms_what_is_still_open(client, feed, offer, make):
    """R5."""
    before = timezone.now() - dt.timedelta(minutes=2)
    kept = make(to_confirm=True, created_at=before)
    gone = make(offer=OfferFactory(), to_confirm=True, created_at=before)
    withdraw(gone.offer)
    feed(60)
    jobs.confirm_acts()
    kept.refresh_from_db()
    assert kept.to_confirm

    FeedDeliveryFactory(received_at=timezone.now())
    jobs.confirm_acts()

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.to_confirm, gone.to_confirm) == (False, True)
    entries = AuditEntry.objects.filter(action="referral_confirmed")
    assert [entry.target_id for entry in entries] == [str(kept.pk)]
    withdraw(gone.offer, OfferState.ACTIVE)
    jobs.confirm_acts()
    gone.refresh_from_db()
    assert not gone.to_confirm
