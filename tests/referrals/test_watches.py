"""Watching for a person: domain 3.9, R1, S20, S24, V18, R6."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Convention
from offers.criteria import Criteria
from offers.mirror import writing_offers
from offers.models import OfferSearch
from opus.lib import outbox
from opus.lib.models import AuditEntry, OutboxEntry
from referrals import stopping, watch_letters
from referrals.actions import handover, watches
from referrals.models import Watch
from tests.accounts.factories import AdviserFactory, RgcFactory, amend, end_at_once
from tests.conftest import sign_in
from tests.offers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

MASONS = "q=macon&lieu=38193&rayon=30"


@pytest.fixture
def candidate(adviser):
    return CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")


@pytest.fixture
def watch(candidate):
    return begin(candidate)


def begin(candidate, query=MASONS, *, ago=dt.timedelta(days=2)):
    """A watch that began some days ago, and was told and looked at then."""
    watch = watches.begin(Criteria.from_text(query), candidate, by=candidate.adviser)
    then = timezone.now() - ago
    Watch.objects.filter(pk=watch.pk).update(
        created_at=then,
        seen_until=then,
        looked_at=then,
        told_until=then,
        mail_from=then,
    )
    watch.refresh_from_db()
    return watch


def came(offer, *, ago):
    """The offer came into the search so long ago."""
    with writing_offers():
        OfferSearch.objects.filter(pk=offer.pk).update(appeared_at=timezone.now() - ago)
    return offer


def fresh(**fields):
    return came(OfferFactory(**fields), ago=dt.timedelta(hours=1))


def page_of(client, candidate):
    return client.get(reverse("candidate_offers", args=[candidate.pk]))


def words(response):
    return Page.of(response).one("main").words()


def letters():
    """What the morning brings, as messages."""
    mail.outbox.clear()
    watch_letters.tell_advisers()
    outbox.relay()
    return mail.outbox


# --- Begun ---------------------------------------------------------------------------


def test_a_search_becomes_a_watch_for_the_person_chosen(as_adviser, candidate):
    """The search stands in the address, the person is posted (V17)."""
    url = f"/veilles/nouvelle/?{MASONS}&tri=date&page=3"

    page = Page.of(as_adviser.get(url))
    response = as_adviser.post(url, {"personne": candidate.pk})

    assert "« macon » · L’Isle-d’Abeau (38) à 30 km" in page.one("main").words()
    assert response["Location"] == reverse("candidate_offers", args=[candidate.pk])
    watch = candidate.watches.get()
    # Neither order nor page: the same search is one watch.
    assert watch.query == MASONS
    assert AuditEntry.objects.get(action="watch_begun").person_ids == [candidate.pk]


def test_what_is_open_already_is_shown_and_is_not_new(as_adviser, candidate):
    offer = fresh()
    as_adviser.post(f"/veilles/nouvelle/?{MASONS}", {"personne": candidate.pk})

    text = words(page_of(as_adviser, candidate))

    assert offer.pk in text
    assert "Rien de nouveau" in text


def test_a_search_that_asks_nothing_is_not_watched(as_adviser, candidate):
    for query in ("", "?page=2", "?depuis=7"):
        response = as_adviser.post(
            f"/veilles/nouvelle/{query}", {"personne": candidate.pk}
        )
        assert response.status_code == 200
    assert not Watch.objects.exists()


def test_the_same_watch_twice_is_one_and_five_are_the_most(as_adviser, candidate):
    for query in [MASONS, MASONS, *[f"q=metier{n}" for n in range(4)]]:
        as_adviser.post(f"/veilles/nouvelle/?{query}", {"personne": candidate.pk})
    assert candidate.watches.count() == 5

    response = as_adviser.post("/veilles/nouvelle/?q=x", {"personne": candidate.pk})

    assert "5 veilles existent déjà pour K. Benali" in response.text
    assert candidate.watches.count() == 5


def test_the_database_alone_holds_one_watch_for_a_search(watch):
    with pytest.raises(IntegrityError, match="one_watch"), transaction.atomic():
        Watch.objects.create(candidate=watch.candidate, query=watch.query)


# --- The page ------------------------------------------------------------------------


def test_what_came_in_since_the_last_look_is_marked(as_adviser, candidate, watch):
    old = came(OfferFactory(), ago=dt.timedelta(days=3))
    new = fresh(unpublished=True, few_candidates=True)
    other = fresh(title="Infirmier", appellation="", rome_label="", description="")

    text = words(page_of(as_adviser, candidate))

    assert "1 nouvelle depuis votre dernière lecture" in text
    assert text.index(new.pk) < text.index(old.pk)
    assert text.count("Nouvelle") == 1
    assert "Non publiée ailleurs" in text
    assert "Peu de candidats" in text
    assert other.pk not in text


def test_looking_again_keeps_the_marks_and_a_later_look_does_not(
    as_adviser, candidate, watch
):
    fresh()
    sheet = candidate.get_absolute_url()
    assert "1 nouvelle offre" in words(as_adviser.get(sheet))

    first, again = (words(page_of(as_adviser, candidate)) for _ in range(2))

    assert first == again
    assert "1 nouvelle depuis" in again
    assert "Rien de nouveau" in words(as_adviser.get(sheet))
    later = timezone.now() + dt.timedelta(minutes=31)
    with time_machine.travel(later, tick=False):
        assert "Rien de nouveau" in words(page_of(as_adviser, candidate))


def test_a_withdrawn_offer_is_not_on_the_page(as_adviser, candidate, watch):
    """R1."""
    offer = fresh(title="Maçon canari")
    withdraw(offer)

    assert "canari" not in page_of(as_adviser, candidate).text


def test_the_offers_found_are_ticked_for_several_acts(as_adviser, candidate, watch):
    """U8: of every mode, each for the act that it calls for."""
    offers = {fresh().pk, fresh(preselected=True).pk}

    page = Page.of(page_of(as_adviser, candidate))

    boxes = [box for box in page.all("input") if box.attrs.get("name") == "offre"]
    assert {box["value"] for box in boxes} == offers
    form = page.by_id(boxes[0]["form"])
    assert form["action"] == reverse("several_confirm", args=[candidate.pk])


def test_an_offer_of_two_watches_has_two_boxes_with_ids_of_their_own(
    as_adviser, candidate, watch
):
    begin(candidate, "rome=F1703")
    fresh()
    assert "1 nouvelle offre" in words(as_adviser.get(candidate.get_absolute_url()))

    page = Page.of(page_of(as_adviser, candidate))

    assert "1 nouvelle depuis" in page.one("main").words()
    ids = [tag["id"] for tag in page.tags if "id" in tag.attrs]
    assert len(ids) == len(set(ids))


def test_a_watch_that_is_not_understood_any_more_finds_nothing_and_says_so(
    as_adviser, candidate
):
    """It would else find every offer there is."""
    fresh()
    Watch.objects.create(candidate=candidate, query="contrat=XXX")

    text = words(page_of(as_adviser, candidate))

    assert "n’est plus compris (contrat = XXX)" in text
    assert letters() == []


def test_the_page_asks_the_same_questions_whatever_there_is(
    as_adviser, candidate, query_count
):
    """R23."""

    def add():
        begin(candidate, f"q=macon&lieu=38193&rayon={20 + candidate.watches.count()}")
        fresh()

    def read():
        assert page_of(as_adviser, candidate).status_code == 200

    one = query_count(read, given=add)
    four = query_count(read, given=lambda: [add() for _ in range(3)])

    assert four == one <= 20


def test_the_person_is_told_to_the_journal(as_adviser, candidate, watch):
    """S38."""
    page_of(as_adviser, candidate)

    assert AuditEntry.objects.get(action="person_read").person_ids == [candidate.pk]


@pytest.mark.parametrize("whose", ["stranger", "colleague"])
def test_somebody_elses_watches_do_not_exist_for_me(as_adviser, adviser, whose):
    """S20, S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    other = CandidateFactory(**({"adviser": colleague} if whose == "colleague" else {}))
    watch = begin(other)

    answers = [
        page_of(as_adviser, other).status_code,
        as_adviser.post("/veilles/retirer/", {"veille": watch.pk}).status_code,
        as_adviser.post("/veilles/courriel/", {"veille": watch.pk}).status_code,
        as_adviser.post(
            f"/veilles/nouvelle/?{MASONS}", {"personne": other.pk}
        ).status_code,
    ]

    assert answers == [404, 404, 404, 404]
    watch.refresh_from_db()
    assert watch.by_mail


# --- The morning's letter ------------------------------------------------------------


def test_the_letter_says_initials_and_counts_and_nothing_else(
    adviser, candidate, watch
):
    """V17, V18: no name, no offer, no search; links to Opus alone."""
    offer = fresh(unpublished=True)
    fresh(few_candidates=True)

    (letter,) = letters()

    text = letter.body.replace("\xa0", " ") + letter.subject
    assert letter.to == [adviser.email]
    assert "K. B. : 2 nouvelles offres" in text
    assert "dont 1 non publiée ailleurs, 1 avec peu de candidats" in text
    assert reverse("candidate_offers", args=[candidate.pk]) in text
    for word in ("Karim", "Benali", offer.title, offer.pk, "macon", "maçon"):
        assert word not in text


def test_the_same_news_is_told_once_whatever_runs_twice(candidate, watch):
    """R6."""
    fresh()

    assert len(letters()) == 1
    assert letters() == []
    assert OutboxEntry.objects.filter(effect="watch-news").count() == 1


def test_one_letter_for_all_the_persons_of_an_adviser(adviser, candidate, watch):
    other = CandidateFactory(adviser=adviser, first_name="Zoé", last_name="Adda")
    begin(other, "rome=F1703")
    begin(candidate, "rome=F1703")
    fresh()

    (letter,) = letters()

    text = letter.body.replace("\xa0", " ")
    assert "K. B. : 1 nouvelle offre" in text  # One offer, though two watches find it.
    assert "Z. A. : 1 nouvelle offre" in text


def test_an_offer_withdrawn_between_match_and_sending_is_absent(candidate, watch):
    """R1, U5: composed as it leaves."""
    stays, leaves = fresh(), fresh()
    mail.outbox.clear()
    watch_letters.tell_advisers()
    withdraw(leaves)
    outbox.relay()

    (letter,) = mail.outbox
    assert "1 nouvelle offre" in letter.body.replace("\xa0", " ")
    assert stays.pk not in letter.body


def test_where_none_is_left_nothing_is_sent(candidate, watch):
    offer = fresh()
    mail.outbox.clear()
    watch_letters.tell_advisers()
    withdraw(offer)
    outbox.relay()

    assert mail.outbox == []
    assert OutboxEntry.objects.get(effect="watch-news").dropped_at


@pytest.mark.parametrize("why", ["suspended", "no consultation", "ended"])
def test_who_may_not_consult_gets_no_letter(adviser, candidate, watch, why):
    fresh()
    if why == "suspended":
        adviser.suspend(by=None, reason="absence")
    elif why == "ended":
        end_at_once(Convention.objects.get())
    else:
        amend(Convention.objects.get(), consultation=False, referrals=False)

    assert letters() == []


def test_the_letter_waits_for_the_morning(candidate, watch):
    """Daily: what comes in later the same day is told the next."""
    fresh()
    assert len(letters()) == 1
    fresh()
    assert letters() == []

    yesterday = timezone.now() - dt.timedelta(days=1)
    Watch.objects.update(told_until=yesterday)
    assert len(letters()) == 1


def test_a_hundred_watches_are_matched_in_few_statements(adviser, query_count):
    """Set-based: the number of watches does not count."""

    def add(number):
        for _ in range(number):
            begin(CandidateFactory(adviser=adviser))

    def tell():
        with transaction.atomic():
            watch_letters.tell_advisers()
            transaction.set_rollback(True)

    fresh()
    few = query_count(tell, given=lambda: add(2))
    many = query_count(tell, given=lambda: add(20))

    assert many == few


def test_the_one_who_takes_over_gets_the_letters(adviser, candidate, watch):
    successor = AdviserFactory(structure=adviser.structure)
    rgc = RgcFactory(structure=adviser.structure)
    handover.close(
        adviser, by=rgc, reason="depart", acts_to=successor, others_to=successor
    )
    fresh()

    outbox.relay()  # What the hand-over itself tells.
    assert [letter.to for letter in letters()] == [[successor.email]]


# --- Stopped -------------------------------------------------------------------------


def test_the_page_stops_the_letters_and_begins_them_again(as_adviser, candidate, watch):
    fresh()
    as_adviser.post("/veilles/courriel/", {"veille": watch.pk, "courriel": "non"})
    assert letters() == []

    as_adviser.post("/veilles/courriel/", {"veille": watch.pk, "courriel": "oui"})

    # What came in meanwhile is not told: it was not wanted.
    assert letters() == []


def test_the_page_ends_a_watch(as_adviser, candidate, watch):
    as_adviser.post("/veilles/retirer/", {"veille": watch.pk})

    assert not Watch.objects.exists()
    assert AuditEntry.objects.get(action="watch_ended").person_ids == [candidate.pk]


def test_the_letters_link_stops_them_by_one_post_without_signing_in(
    adviser, candidate, watch
):
    """RFC 8058; to open the link changes nothing: scanners do."""
    other = begin(CandidateFactory())
    fresh()
    (letter,) = [one for one in letters() if one.to == [adviser.email]]
    (url,) = re.findall(r"<(\S+)>", letter.extra_headers["List-Unsubscribe"])
    path = url.partition("localhost")[2].partition("/")[2]
    stranger = Client(enforce_csrf_checks=True, headers={"host": "localhost"})

    opened = stranger.get(f"/{path}")
    watch.refresh_from_db()
    assert (opened.status_code, watch.by_mail) == (200, True)
    assert "Benali" not in opened.text

    posted = stranger.post(f"/{path}", {"List-Unsubscribe": "One-Click"})

    watch.refresh_from_db()
    other.refresh_from_db()
    assert (posted.status_code, watch.by_mail, other.by_mail) == (200, False, True)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("change", ["altered", "old"])
def test_a_link_that_is_not_ours_or_too_old_stops_nothing(
    client, adviser, candidate, watch, change
):
    token = stopping.link_for(adviser).rstrip("/").rpartition("/")[2]
    when = timezone.now()
    if change == "altered":
        token = token[:-1] + ("a" if token[-1] != "a" else "b")
    else:
        when += dt.timedelta(days=366)

    with time_machine.travel(when, tick=False):
        response = client.post(reverse("watch_mail_stop", args=[token]))

    watch.refresh_from_db()
    assert (response.status_code, watch.by_mail) == (410, True)


def test_without_consultation_nothing_is_watched(client, adviser, candidate, watch):
    """S21."""
    sign_in(client, adviser)
    amend(Convention.objects.get(), consultation=False, referrals=False)

    assert page_of(client, candidate).status_code == 403
    response = client.post(f"/veilles/nouvelle/?{MASONS}", {"personne": candidate.pk})
    assert response.status_code == 403
