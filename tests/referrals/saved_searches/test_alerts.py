"""New offers of a kept search, by e-mail: at once or each morning (U5)."""

import datetime as dt
import re
import threading
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.privacy.retention import forget_habits
from referrals.saved_searches import jobs, matching
from referrals.saved_searches.jobs import send_search_alerts
from referrals.saved_searches.models import (
    AlertPace,
    SavedSearch,
    last_morning,
    settled_until,
)
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    FtAdminFactory,
    RgcFactory,
    amend,
    end_at_once,
)
from tests.offers.helpers.factories import OfferFactory, arrive, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, SavedSearchFactory

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def search(adviser):
    """One that tells at once; nothing was told for an hour."""
    return SavedSearchFactory(account=adviser, alert=AlertPace.AT_ONCE, name="Maçon")


def look():
    """What the clock does: look, then send. The letters that left."""
    before = len(mail.outbox)
    send_search_alerts()
    outbox.relay()
    return mail.outbox[before:]


def rest(search):
    """Let the pause between two letters pass."""
    SavedSearch.objects.filter(pk=search.pk).update(
        emailed_at=timezone.now() - jobs.PAUSE - dt.timedelta(minutes=1)
    )


def test_an_offer_that_comes_in_is_told_at_once(search, adviser):
    offer = arrive(OfferFactory(title="Chef d’équipe maçon"), minutes=1)

    [letter] = look()

    assert letter.to == [adviser.email]
    assert letter.subject == "Opus : une nouvelle offre pour une de vos recherches"
    assert "répond à votre recherche « Maçon »" in letter.body
    assert "Chef d’équipe maçon" in letter.body
    assert f"https://localhost/offres/{offer.pk}/" in letter.body
    html = letter.alternatives[0].content
    link = f'<a href="https://localhost/offres/{offer.pk}/">'
    assert f"{link}Chef d’équipe maçon</a>" in html


def test_several_are_told_in_one_letter(search):
    for _ in range(12):
        arrive(OfferFactory())

    [letter] = look()

    assert "12 nouvelles offres répondent" in letter.body
    assert letter.body.count("https://localhost/offres/") == 10
    assert "Voici les plus récentes." in letter.body


def test_several_searches_of_one_person_make_one_letter(search, adviser):
    quiet = SavedSearchFactory(account=adviser, alert=AlertPace.AT_ONCE, query="q=lac")
    other = SavedSearchFactory(
        account=adviser, alert=AlertPace.AT_ONCE, name="Tout à Vienne", query="q=macon"
    )
    stranger = SavedSearchFactory(alert=AlertPace.AT_ONCE)
    arrive(OfferFactory())
    arrive(OfferFactory())

    letters = {letter.to[0]: letter for letter in look()}

    assert set(letters) == {adviser.email, stranger.account.email}
    letter = letters[adviser.email]
    assert letter.subject == "Opus : de nouvelles offres pour 2 de vos recherches"
    for told in (search, other):
        assert f"{told.name} : 2 nouvelles offres" in letter.body
        assert f"https://localhost/recherches/{told.pk}/" in letter.body
    assert quiet.name not in letter.body


def test_a_search_whose_offers_are_gone_is_not_in_the_letter(search, adviser):
    """Of two, one is left: its letter tells its offers, as if it were alone."""
    SavedSearchFactory(account=adviser, alert=AlertPace.AT_ONCE, query="q=soudeur")
    arrive(OfferFactory())
    gone = arrive(OfferFactory(title="Soudeur"))
    send_search_alerts()
    withdraw(gone)

    outbox.relay()

    [letter] = mail.outbox
    assert letter.subject == "Opus : une nouvelle offre pour une de vos recherches"


def test_more_searches_than_a_statement_takes_are_all_looked_at(search, monkeypatch):
    monkeypatch.setattr(matching, "AT_ONCE", 2)
    for n in range(4):
        query = "q=macon" if n % 2 else "q=soudeur"
        SavedSearchFactory(alert=AlertPace.AT_ONCE, query=query)
    arrive(OfferFactory())

    told = {letter.to[0] for letter in look()}

    kept = SavedSearch.objects.exclude(query="q=soudeur").select_related("account")
    assert told == {one.account.email for one in kept}
    assert len(told) == 3


def test_searches_of_two_paces_are_in_one_letter_once(search, adviser):
    yesterday = last_morning(timezone.now()) - dt.timedelta(hours=20)
    SavedSearchFactory(account=adviser, alert=AlertPace.DAILY, notified_until=yesterday)
    arrive(OfferFactory())

    assert [len(look()), len(look())] == [1, 0]


def test_the_link_of_a_letter_about_several_stops_them_all(search, adviser, client):
    other = SavedSearchFactory(account=adviser, alert=AlertPace.AT_ONCE)
    third = told_now(adviser)
    arrive(OfferFactory())
    [letter] = look()

    client.post(stop_path(letter))

    for told, alert in (
        (search, AlertPace.NONE),
        (other, AlertPace.NONE),
        (third, AlertPace.DAILY),
    ):
        told.refresh_from_db()
        assert told.alert == alert


def test_what_is_told_is_not_told_again(search):
    """R6: a job that runs twice, or late, tells everything once."""
    arrive(OfferFactory())

    assert [len(look()), len(look())] == [1, 0]
    rest(search)
    assert look() == []


def test_a_job_that_was_killed_after_its_letter_makes_no_second_one(search):
    """The row of the outbox is known by the instant where its window begins."""
    arrive(OfferFactory())
    send_search_alerts()
    SavedSearch.objects.update(notified_until=search.notified_until, emailed_at=None)

    assert len(look()) == 1
    assert OutboxEntry.objects.count() == 1


def test_two_letters_of_one_search_are_a_quarter_of_an_hour_apart(search):
    arrive(OfferFactory(), minutes=2)
    look()
    SavedSearch.objects.update(notified_until=timezone.now() - dt.timedelta(minutes=1))
    late = arrive(OfferFactory(), minutes=0.5)

    assert look() == []
    rest(search)
    [letter] = look()

    assert letter.body.count("https://localhost/offres/") == 1
    assert late.pk in letter.body


def test_an_offer_withdrawn_before_the_letter_leaves_is_not_in_it(search):
    """U5, R1: composed at the moment of sending."""
    gone, there = arrive(OfferFactory()), arrive(OfferFactory())
    send_search_alerts()

    withdraw(gone)
    outbox.relay()

    [letter] = mail.outbox
    assert (gone.pk in letter.body, there.pk in letter.body) == (False, True)
    assert "Une nouvelle offre répond" in letter.body


@pytest.mark.parametrize(
    ("changes", "commune"),
    [
        ({}, "75056"),
        ({"alert": AlertPace.NONE}, "38193"),
        # What is not understood would answer more than was asked.
        ({"query": "q=macon&contrat=ZZZ"}, "38193"),
    ],
    ids=["no answer", "no alert", "not understood"],
)
def test_what_does_not_answer_or_is_not_wanted_is_not_told(search, changes, commune):
    far = {"latitude": 48.85, "longitude": 2.35} if commune == "75056" else {}
    SavedSearch.objects.filter(pk=search.pk).update(name="Maçon", **changes)
    arrive(OfferFactory(commune_code=commune, **far))

    assert look() == []


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_nothing_leaves_once_none_is_left_or_the_alert_was_stopped(
    search, is_withdrawn
):
    """U5, R1: between match and sending."""
    offer = arrive(OfferFactory())
    send_search_alerts()
    if is_withdrawn:
        withdraw(offer)
    else:
        SavedSearch.objects.update(alert=AlertPace.NONE)
    outbox.relay()

    assert mail.outbox == []
    assert OutboxEntry.objects.get().dropped_at is not None


def suspend(adviser):
    adviser.suspend(by=None, reason="absence")


def close(adviser):
    adviser.close(by=FtAdminFactory(), reason="depart")


def end_convention(adviser):
    end_at_once(adviser.structure.conventions.get())


def take_consultation(adviser):
    amend(adviser.structure.conventions.get(), consultation=False)


def go_away(adviser):
    long_ago = timezone.now() - dt.timedelta(days=120)
    User.objects.filter(pk=adviser.pk).update(last_login=long_ago, created_at=long_ago)


@pytest.mark.parametrize(
    "lose", [suspend, close, end_convention, take_consultation, go_away]
)
def test_who_may_not_consult_offers_gets_no_letter(search, adviser, lose):
    arrive(OfferFactory())
    send_search_alerts()
    adviser.refresh_from_db()
    lose(adviser)
    outbox.relay()

    assert mail.outbox == []


def test_an_rgc_without_office_gets_no_letter():
    for in_office in (True, False):
        rgc = RgcFactory(in_office=in_office)
        SavedSearchFactory(account=rgc, alert=AlertPace.AT_ONCE)
    arrive(OfferFactory())

    assert len(look()) == 1


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        ((24, 7, 0), (24, 7)),
        ((24, 23, 59), (24, 7)),
        ((24, 6, 59), (23, 7)),
        ((1, 0, 0), (30, 7)),
    ],
)
def test_the_morning_strikes_at_seven_in_paris(clock, hour):
    day, *time = clock
    month = 12 if day == 1 else 11
    last = last_morning(dt.datetime(2026, month, day, *time, tzinfo=PARIS))

    assert last == dt.datetime(2026, 11, hour[0], hour[1], tzinfo=PARIS)


def test_a_late_morning_letter_loses_no_offer_of_more_than_a_day_ago(
    search, as_adviser
):
    """Of a search for the offers of the last day; its page shows it too."""
    long_ago = timezone.now() - dt.timedelta(hours=40)
    SavedSearch.objects.update(
        alert=AlertPace.DAILY,
        query="q=macon&depuis=1",
        notified_until=long_ago,
        opened_at=long_ago,
    )
    created_at = timezone.now() - dt.timedelta(hours=30)
    offer = arrive(OfferFactory(created_at=created_at), minutes=30 * 60)

    [letter] = look()
    response = as_adviser.get(f"/recherches/{search.pk}/", follow=True)

    assert offer.pk in letter.body
    assert offer.pk in Page.of(response).one("main").words()


def test_a_day_without_news_sends_nothing_and_is_over(search):
    yesterday = last_morning(timezone.now()) - dt.timedelta(hours=20)
    SavedSearch.objects.update(alert=AlertPace.DAILY, notified_until=yesterday)
    # Something came in, elsewhere.
    arrive(OfferFactory(commune_code="75056", latitude=48.85, longitude=2.35))

    assert look() == []
    search.refresh_from_db()
    assert search.notified_until > last_morning(timezone.now())


def test_nothing_about_the_search_or_its_owner_stands_in_subject_or_links(
    search, adviser
):
    """V17: a name given to a search may hold anything."""
    SavedSearch.objects.update(name="Pour Mme Zzcanari")
    arrive(OfferFactory())

    [letter] = look()

    links = re.findall(r"https?://\S+", letter.body)
    told = " ".join([letter.subject, *links, *letter.extra_headers.values()])
    for word in ("Zzcanari", "macon", adviser.email, adviser.last_name):
        assert word not in told


def test_links_lead_to_opus_alone(search):
    """Whatever a title holds: a mail program makes links of what looks like one."""
    arrive(
        OfferFactory(
            title="Maçon http://ailleurs.example/x www.ailleurs.example a@b.example"
        )
    )

    [letter] = look()

    html = letter.alternatives[0].content
    for text in (letter.body, html):
        assert "ailleurs.example" not in text
        assert "b.example" not in text
    hosts = {urlsplit(url).netloc for url in re.findall(r'href="([^"]+)"', html)}
    assert hosts == {"localhost"}


def told_now(adviser):
    """One for the morning, not due before the next: whatever the hour of the test."""
    return SavedSearchFactory(
        account=adviser, alert=AlertPace.DAILY, notified_until=timezone.now()
    )


def stop_path(letter):
    return urlsplit(letter.extra_headers["List-Unsubscribe"].strip("<>")).path


def test_the_link_of_a_letter_stops_it_without_signing_in(search, adviser):
    """U5, RFC 8058: a mailbox posts, without a cookie or a token of ours.

    Scanners of mailboxes open links: a person presses the button.
    """
    other = told_now(adviser)
    arrive(OfferFactory())
    [letter] = look()
    path = stop_path(letter)
    stranger = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")

    opened = stranger.get(path)
    search.refresh_from_db()
    assert (opened.status_code, search.alert) == (200, AlertPace.AT_ONCE)
    assert "Ne plus recevoir ces courriels" in opened.text
    # Whoever has the link learns nothing from it.
    assert search.name not in opened.text
    response = stranger.post(path, {"List-Unsubscribe": "One-Click"})

    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path in letter.body
    for said in (response, stranger.get(path)):
        assert "Ces courriels sont arrêtés" in said.text
    search.refresh_from_db()
    other.refresh_from_db()
    # That one and no other.
    assert (search.alert, other.alert) == (AlertPace.NONE, AlertPace.DAILY)


def test_my_account_tells_which_searches_write_and_stops_them(as_adviser, search):
    page = Page.of(as_adviser.get("/profil/"))
    assert "Maçon : dès qu’une offre arrive" in page.one("main").words()

    response = as_adviser.post("/recherches/e-mails/arreter/", follow=True)

    search.refresh_from_db()
    assert search.alert == AlertPace.NONE
    assert "Aucune de vos recherches ne vous écrit." in response.text


def test_a_closed_account_that_a_lawsuit_needs_keeps_its_searches(search, adviser):
    """V11: through the last day of the hold; a hold that is over keeps nothing."""
    SavedSearchFactory(account=(other := AdviserFactory()))
    for account in (adviser, other):
        close(account)
    AccountHoldFactory(account=adviser)
    AccountHoldFactory(account=other, lapsed=True)

    forget_habits()

    assert list(SavedSearch.objects.all()) == [search]


def test_fifty_searches_cost_as_many_queries_as_two():
    """One's own, and those for persons."""

    def count(searches):
        for n in range(searches):
            whose = {"candidate": CandidateFactory()} if n % 2 else {}
            query = f"q=mot{n}&lieu=38193"
            SavedSearchFactory(alert=AlertPace.AT_ONCE, query=query, **whose)
        with CaptureQueriesContext(connection) as queries:
            jobs.send_alerts()
        return len(queries)

    arrive(OfferFactory())
    with_two = count(2)

    assert count(48) == with_two


class SlowFile:
    """Offers written in a transaction that ends later, as a file that takes long."""

    def __init__(self):
        self.written, self.go_on = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.bring)

    def bring(self):
        try:
            with transaction.atomic():
                OfferFactory()
                self.written.set()
                self.go_on.wait(20)
        finally:
            connection.close()

    def __enter__(self):
        self.thread.start()
        assert self.written.wait(20)

    def __exit__(self, *_):
        self.go_on.set()
        self.thread.join(20)


def tell_around_a_slow_file(monkeypatch):
    """The clock runs while a file is being read, and once more after it."""
    monkeypatch.setattr("referrals.saved_searches.models.MARGIN", dt.timedelta(0))
    monkeypatch.setattr(jobs, "LOOK_BACK", dt.timedelta(0))
    SavedSearchFactory(alert=AlertPace.AT_ONCE)
    # Elsewhere something is new, so that the searches are looked at.
    arrive(OfferFactory(commune_code="75056", latitude=48.85, longitude=2.35))
    with SlowFile():
        assert look() == []
    return look()


@pytest.mark.django_db(transaction=True)
def test_an_offer_of_a_slow_file_is_told_once_it_is_there(monkeypatch):
    """R6: it is dated before the last look, and was seen by none."""
    assert len(tell_around_a_slow_file(monkeypatch)) == 1


@pytest.mark.django_db(transaction=True)
def test_by_the_clock_alone_it_would_never_be_told(monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr(jobs, "settled_until", timezone.now)

    assert tell_around_a_slow_file(monkeypatch) == []


def test_without_a_writer_all_is_settled_but_the_margin():
    assert timezone.now() - settled_until() < dt.timedelta(minutes=1)
