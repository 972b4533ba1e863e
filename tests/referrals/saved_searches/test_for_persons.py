"""Searches saved for a person: R1, S20, S24, V17, V18, R6."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.models import OfferSearch
from offers.catalogue.writes import writing_offers
from offers.reference.models import Appellation, label_key
from offers.search.criteria import Criteria
from opus.lib.audit.models import AuditEntry
from opus.lib.french import plain
from opus.lib.outbound import outbox
from referrals.caseloads import actions
from referrals.saved_searches import emails
from referrals.saved_searches.actions import save_search_for
from referrals.saved_searches.jobs import send_alerts
from referrals.saved_searches.models import AlertPace, SavedSearch
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import (
    CandidateFactory,
    SavedSearchFactory,
    StandInFactory,
)

pytestmark = pytest.mark.django_db

MASONS = "q=macon&mots=exacts&lieu=38193&rayon=30"


@pytest.fixture
def search(candidate):
    return begin(candidate)


def begin(candidate, query=MASONS, *, ago=dt.timedelta(days=2)):
    """One that was saved some days ago, and neither opened nor e-mailed since."""
    search = save_search_for(candidate, Criteria.from_text(query), by=candidate.adviser)
    then = timezone.now() - ago
    SavedSearch.objects.filter(pk=search.pk).update(
        created_at=then, seen_until=then, opened_at=then, notified_until=then
    )
    search.refresh_from_db()
    return search


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
    send_alerts()
    outbox.relay()
    return mail.outbox


# --- Begun ----------------------------------------------------------------------------


def test_a_search_is_saved_for_the_person_chosen(as_adviser, candidate):
    """The search stands in the address, the person is posted (V17)."""
    url = f"/veilles/nouvelle/?{MASONS}&tri=date&page=3"

    page = Page.of(as_adviser.get(url))
    response = as_adviser.post(url, {"personne": candidate.pk})

    assert "« macon » · L’Isle-d’Abeau (38) à 30 km" in page.one("main").words()
    assert response["Location"] == reverse("candidate_offers", args=[candidate.pk])
    search = candidate.saved_searches.get()
    # Neither order nor page: the same search is one search.
    assert search.query == MASONS
    assert AuditEntry.objects.get(action="search_saved").person_ids == [candidate.pk]


def test_what_is_open_already_is_shown_and_is_not_new(as_adviser, candidate):
    offer = fresh()
    as_adviser.post(f"/veilles/nouvelle/?{MASONS}", {"personne": candidate.pk})

    text = words(page_of(as_adviser, candidate))

    assert offer.pk in text
    assert "Rien de nouveau" in text


def test_a_search_that_asks_nothing_is_not_saved(as_adviser, candidate):
    for query in ("", "?page=2", "?depuis=7"):
        response = as_adviser.post(
            f"/veilles/nouvelle/{query}", {"personne": candidate.pk}
        )
        assert response.status_code == 200
    assert not SavedSearch.objects.exists()


def test_the_same_search_twice_is_one_and_five_are_the_most(as_adviser, candidate):
    for query in [MASONS, MASONS, *[f"q=metier{n}" for n in range(4)]]:
        as_adviser.post(f"/veilles/nouvelle/?{query}", {"personne": candidate.pk})
    assert candidate.saved_searches.count() == 5

    response = as_adviser.post("/veilles/nouvelle/?q=x", {"personne": candidate.pk})

    assert "5 recherches sont déjà enregistrées pour K. Benali" in response.text
    assert candidate.saved_searches.count() == 5


def test_words_about_her_health_are_refused(as_adviser, candidate):
    """V7: in the words of the search as in its name, however long.

    An appellation that Opus does not know is read like words, even one that is left
    out of a long name.
    """
    long = "macon plaquiste carreleur peintre couvreur soudeur plombier grutier"
    made_up = "rome=F1703&appellation=candidat-schizophrene-sous-curatelle"
    words = ("candidat dépressif", f"{long} dépressif")
    for query in (*(urlencode({"q": asked}) for asked in words), made_up):
        url = f"/veilles/nouvelle/?{query}"
        response = as_adviser.post(url, {"personne": candidate.pk})
        assert "santé" in response.text
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "query", ["rome=F1703&lieu=71246", "appellation=alcoologue-alcoolique"]
)
def test_a_name_that_opus_composed_is_not_refused(as_adviser, candidate, query):
    """V3: « Juif (71) » is a commune; appellations are learnt from offers."""
    label = "Alcoologue alcoolique"
    key = label_key(plain(label))
    Appellation.objects.create(key=key, label=label, plain=plain(label))

    as_adviser.post(f"/veilles/nouvelle/?{query}", {"personne": candidate.pk})

    assert candidate.saved_searches.count() == 1


def test_the_database_alone_holds_one_search_once_for_a_person(search):
    with (
        pytest.raises(IntegrityError, match="one_search_for_a_person"),
        transaction.atomic(),
    ):
        SavedSearchFactory(candidate=search.candidate, query=search.query)


# --- The page -------------------------------------------------------------------------


def test_what_came_in_since_the_last_look_is_marked(as_adviser, candidate, search):
    """R1: what is withdrawn is not there; S38: the person is told to the journal."""
    old = came(OfferFactory(), ago=dt.timedelta(days=3))
    new = fresh(unpublished=True, few_candidates=True)
    other = fresh(title="Infirmier", appellation="", rome_label="", description="")
    withdraw(gone := fresh())

    text = words(page_of(as_adviser, candidate))

    assert "1 nouvelle depuis votre dernière lecture" in text
    assert text.index(new.pk) < text.index(old.pk)
    assert text.count("Nouvelle") == 1
    assert "Non publiée ailleurs" in text
    assert "Peu de candidats" in text
    assert other.pk not in text
    assert gone.pk not in text
    assert AuditEntry.objects.get(action="person_read").person_ids == [candidate.pk]


def test_looking_again_keeps_the_marks_and_a_later_look_does_not(
    as_adviser, candidate, search
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


def test_the_offers_found_are_ticked_for_several_acts(as_adviser, candidate, search):
    """U8: of every mode, each for the act that it calls for."""
    offers = {fresh().pk, fresh(preselected=True).pk}

    page = Page.of(page_of(as_adviser, candidate))

    boxes = [box for box in page.all("input") if box.attrs.get("name") == "offre"]
    assert {box["value"] for box in boxes} == offers
    form = page.by_id(boxes[0]["form"])
    assert form["action"] == reverse("bulk")
    assert (
        f'name="personne" value="{candidate.pk}"' in page_of(as_adviser, candidate).text
    )


def test_an_offer_of_two_searches_has_two_boxes_with_ids_of_their_own(
    as_adviser, candidate, search
):
    begin(candidate, "rome=F1703")
    fresh()
    assert "1 nouvelle offre" in words(as_adviser.get(candidate.get_absolute_url()))

    page = Page.of(page_of(as_adviser, candidate))

    assert "1 nouvelle depuis" in page.one("main").words()
    ids = [tag["id"] for tag in page.tags if "id" in tag.attrs]
    assert len(ids) == len(set(ids))


def test_a_search_that_is_not_understood_any_more_finds_nothing_and_says_so(
    as_adviser, candidate
):
    """It would else find every offer there is."""
    fresh()
    SavedSearchFactory(candidate=candidate, query="contrat=XXX")

    text = words(page_of(as_adviser, candidate))

    assert "n’est plus compris (contrat = XXX)" in text
    assert letters() == []


@pytest.mark.parametrize("whose", ["stranger", "colleague"])
def test_somebody_elses_searches_do_not_exist_for_me(as_adviser, adviser, whose):
    """S20, S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    other = CandidateFactory(**({"adviser": colleague} if whose == "colleague" else {}))
    search = begin(other)

    answers = [
        page_of(as_adviser, other).status_code,
        as_adviser.get(f"/recherches/{search.pk}/").status_code,
        as_adviser.post(f"/recherches/{search.pk}/modifier/").status_code,
        as_adviser.post(f"/recherches/{search.pk}/supprimer/").status_code,
        as_adviser.post(
            f"/veilles/nouvelle/?{MASONS}", {"personne": other.pk}
        ).status_code,
    ]

    assert answers == [404] * 5
    assert SavedSearch.objects.filter(pk=search.pk).exists()


# --- The morning's letter -------------------------------------------------------------


def test_the_letter_says_initials_and_counts_and_nothing_else(
    adviser, candidate, search
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


def test_all_offers_are_counted(candidate, search, monkeypatch):
    """Those of a second search too, each once; no page's limit counts."""
    monkeypatch.setattr("referrals.saved_searches.matching.MOST_NEWS", 1)
    monkeypatch.setattr("referrals.saved_searches.matching.SHOWN", 1)
    begin(candidate, "rome=F1703")
    for number in range(7):
        fresh(unpublished=number < 3, few_candidates=number < 2)

    (letter,) = letters()

    text = letter.body.replace("\xa0", " ")
    assert "K. B. : 7 nouvelles offres" in text
    assert "dont 3 non publiées ailleurs, 2 avec peu de candidats" in text


def test_one_letter_is_for_oneself_and_for_persons(adviser, candidate, search):
    """V17: two sections, and a subject that says neither what nor for whom."""
    own = SavedSearchFactory(
        account=adviser,
        name="Gros œuvre",
        alert=AlertPace.DAILY,
        notified_until=search.notified_until,
    )
    fresh()

    (letter,) = letters()

    assert letter.subject == (
        "Opus : de nouvelles offres pour vos recherches et pour des candidats que vous "
        "accompagnez"
    )
    text = letter.body.replace("\xa0", " ")
    mine, persons = text.split("Les candidats que vous accompagnez\n")
    assert "Vos recherches\n" in mine
    assert "Gros œuvre : 1 nouvelle offre" in mine
    assert f"/recherches/{own.pk}/" in mine
    assert "K. B. : 1 nouvelle offre" in persons
    html = letter.alternatives[0].content
    assert html.count("<h2>") == html.count("<ul>") == 2


def test_one_letter_for_all_the_persons_of_an_adviser(adviser, candidate, search):
    other = CandidateFactory(adviser=adviser, first_name="Zoé", last_name="Adda")
    begin(other, "rome=F1703")
    begin(candidate, "rome=F1703")
    fresh()

    (letter,) = letters()

    text = letter.body.replace("\xa0", " ")
    assert "K. B. : 1 nouvelle offre" in text  # One offer, though two searches find it.
    assert "Z. A. : 1 nouvelle offre" in text


def test_the_letter_waits_for_the_morning(candidate, search):
    """Daily: what comes in later the same day is told the next."""
    fresh()
    assert len(letters()) == 1
    fresh()
    assert letters() == []

    yesterday = timezone.now() - dt.timedelta(days=1)
    SavedSearch.objects.update(notified_until=yesterday)
    assert len(letters()) == 1


def test_the_one_who_takes_over_gets_the_letters(adviser, candidate, search):
    successor = AdviserFactory(structure=adviser.structure)
    rgc = RgcFactory(structure=adviser.structure)
    actions.close(
        adviser, by=rgc, reason="depart", acts_to=successor, others_to=successor
    )
    fresh()

    outbox.relay()  # What the hand-over itself tells.
    assert [letter.to for letter in letters()] == [[successor.email]]


# --- Changed and stopped --------------------------------------------------------------


def change(client, search, *, name="Maçon", pace):
    url = f"/recherches/{search.pk}/modifier/"
    return client.post(url, {"name": name, "alert": pace})


def test_name_and_pace_change_and_the_page_of_the_person_says_so(
    as_adviser, candidate, search
):
    page = f"/candidats/{candidate.pk}/offres/"
    assert as_adviser.get(f"/recherches/{search.pk}/")["Location"] == page

    response = change(as_adviser, search, name="Gros œuvre", pace="immediate")

    assert response["Location"] == page
    text = words(as_adviser.get(page)).replace("\xa0", " ")
    assert "Gros œuvre" in text
    assert "Courriels : dès qu’une offre arrive" in text
    assert AuditEntry.objects.get(action="search_changed").person_ids == [candidate.pk]


def test_emails_that_stopped_begin_again_with_what_comes_in_then(as_adviser, search):
    """What came in meanwhile was not wanted."""
    fresh()
    change(as_adviser, search, pace="aucune")
    assert letters() == []

    change(as_adviser, search, pace="quotidienne")

    assert letters() == []


@pytest.mark.parametrize("paces", ["quotidienne immediate", "immediate quotidienne"])
def test_another_pace_loses_nothing_that_was_not_emailed_yet(as_adviser, search, paces):
    before, after = paces.split()
    SavedSearch.objects.update(alert=before)
    fresh()

    change(as_adviser, search, pace=after)

    (letter,) = letters()
    assert "1 nouvelle offre" in letter.body.replace("\xa0", " ")


def test_a_search_is_deleted_after_a_confirmation(as_adviser, candidate, search):
    url = f"/recherches/{search.pk}/supprimer/"
    assert as_adviser.get(url).status_code == 200
    assert SavedSearch.objects.exists()

    as_adviser.post(url)

    assert not SavedSearch.objects.exists()
    assert AuditEntry.objects.get(action="search_deleted").person_ids == [candidate.pk]


def stop_path(letter):
    (url,) = re.findall(r"<(\S+)>", letter.extra_headers["List-Unsubscribe"])
    return "/" + url.partition("localhost")[2].partition("/")[2]


@pytest.mark.parametrize("how", ["link", "account"])
def test_a_stand_in_stops_his_own_and_the_adviser_gets_hers_again(
    adviser, candidate, search, how
):
    """Nothing is written again to him, nothing is lost for her."""
    samir = AdviserFactory(structure=adviser.structure)
    confided = StandInFactory(owner=adviser, colleague=samir)
    fresh()
    (letter,) = letters()
    assert letter.to == [samir.email]
    client = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
    if how == "account":
        sign_in(client, samir)
        assert "1 recherche pour des candidats" in client.get("/profil/").text
        client.post("/recherches/e-mails/arreter/")
    else:
        assert "Ces courriels sont arrêtés" in client.post(stop_path(letter)).text

    yesterday = timezone.now() - dt.timedelta(days=1)
    SavedSearch.objects.update(notified_until=yesterday)
    fresh()
    assert letters() == []
    confided.ended_at, confided.ended_by = timezone.now(), adviser
    confided.save()
    (letter,) = letters()
    assert letter.to == [adviser.email]


def test_a_stand_in_who_stopped_may_begin_again(client, adviser, search):
    samir = AdviserFactory(structure=adviser.structure)
    StandInFactory(owner=adviser, colleague=samir)
    SavedSearch.objects.update(muted_by=samir)
    sign_in(client, samir)
    assert "Sans courriel" in page_of(client, search.candidate).text

    change(client, search, pace="quotidienne")

    search.refresh_from_db()
    assert search.muted_by is None


def test_stopping_all_emails_stops_those_about_persons_too(as_adviser, adviser, search):
    own = SavedSearchFactory(account=adviser, alert=AlertPace.DAILY)
    theirs = begin(CandidateFactory())
    others = SavedSearchFactory(alert=AlertPace.DAILY)

    as_adviser.post("/recherches/e-mails/arreter/")

    for one, pace in (
        (own, AlertPace.NONE),
        (search, AlertPace.NONE),
        (theirs, AlertPace.DAILY),
        (others, AlertPace.DAILY),
    ):
        one.refresh_from_db()
        assert one.alert == pace


@pytest.mark.parametrize("change", ["altered", "old"])
def test_a_link_that_is_not_ours_or_too_old_stops_nothing(
    client, adviser, search, change
):
    link = emails.link_for(adviser, [search])
    token = link.rstrip("/").rpartition("/")[2]
    when = timezone.now()
    if change == "altered":
        token = token[:-1] + ("a" if token[-1] != "a" else "b")
    else:
        when += dt.timedelta(days=366)

    with time_machine.travel(when, tick=False):
        response = client.post(reverse("saved_search_stop", args=[token]))

    search.refresh_from_db()
    assert (response.status_code, search.alert) == (410, AlertPace.DAILY)
