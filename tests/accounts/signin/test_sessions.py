"""One's sessions: seen, closed, two at once at most, cut at once when they must be."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.nominations import actions as nomination_actions
from accounts.signin import actions as signin_actions
from accounts.signin import sessions, user_agents
from accounts.signin.models import OpenSession, SessionEnd
from accounts.signin.sessions import SessionStore, digest
from accounts.team import actions
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    PASSWORD,
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    OpenSessionFactory,
    end_at_once,
)
from tests.accounts.journeys import (
    WRONG_CODE,
    another_browser,
    code_of,
    enter,
    give_code,
    give_password,
)
from tests.accounts.nominations.test_nominations import DECISION, OPINION
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
MORNING = dt.datetime(2026, 11, 24, 9, tzinfo=PARIS)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/1"
OFFICE = {"headers": {"user-agent": FIREFOX}, "REMOTE_ADDR": "192.0.2.17"}
NEW_PASSWORD = "une tout autre longue phrase"


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def ends(account: User) -> list[str]:
    """How the account's sessions ended, oldest first; empty for a live one."""
    rows = OpenSession.objects.filter(account=account)
    return list(rows.order_by("began_at", "pk").values_list("how", flat=True))


def entries(action: str) -> list[dict[str, Any]]:
    found = AuditEntry.objects.filter(action=action).order_by("pk")
    return [entry.details for entry in found]


# --- Where they are kept --------------------------------------------------------------


def test_a_copy_of_the_tables_opens_nobodys_session(client):
    """S13: what the cookie holds stands nowhere."""
    enter(client, AdviserFactory())
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM django_session s")
        dump = " ".join(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT s::text FROM accounts_opensession s")
        dump += " ".join(row for (row,) in cursor.fetchall())

    assert key_of(client) not in dump
    assert digest(key_of(client)) in dump
    thief = another_browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = digest(key_of(client))
    assert not is_in(thief)


def test_the_store_keeps_reads_moves_and_deletes_a_session():
    store = SessionStore()
    store["a"] = 1
    store.save()
    first = store.session_key
    store["a"] = 2
    store.save()

    assert SessionStore(first)["a"] == 2
    assert store.exists(first)
    store.cycle_key()
    assert SessionStore(first).get("a") is None
    assert SessionStore(store.session_key)["a"] == 2
    store.delete()
    assert not Session.objects.exists()


# --- The page -------------------------------------------------------------------------


@pytest.mark.usefixtures("still_clock")
def test_each_session_is_shown_with_its_device_network_and_times(client, adviser):
    """S15."""
    enter(another_browser(), adviser, **OFFICE)
    enter(client, adviser)

    page = client.get(reverse("sessions")).text

    assert page.count("Cette session") == 1
    assert "Firefox sous Windows" in page
    assert "192.0.2.x" in page
    assert "192.0.2.17" not in page
    assert page.count("Dernière utilisation") == 2


def test_alone_the_page_says_so_and_closing_the_others_changes_nothing(client):
    """A7, S13: what holds without JavaScript."""
    enter(client, FtAdminFactory())

    page = client.get(reverse("sessions")).text
    asked = client.get(reverse("sessions_close")).text
    client.post(reverse("sessions_close"))

    assert "Aucune autre session n’est ouverte." in page
    assert "Après 30 minutes sans activité" in page
    assert "Au plus tard 8 heures après la connexion" in page
    assert reverse("sessions_close") not in page
    assert "il n’y a rien à fermer" in asked.replace("\N{NO-BREAK SPACE}", " ")
    assert is_in(client)
    assert entries("session_closed") == []


def test_a_session_closed_from_another_is_gone_and_its_holder_told_why(client, adviser):
    """S15."""
    other = another_browser()
    enter(other, adviser)
    enter(client, adviser)
    row = OpenSession.objects.get(key_hash=digest(key_of(other)))
    page = reverse("session_close", args=[row.pk])

    asked = client.get(page)
    still_there = is_in(other)
    client.post(page)

    assert "Fermer cette session ?" in asked.text.replace("\N{NO-BREAK SPACE}", " ")
    assert still_there
    assert not Session.objects.filter(session_key=row.key_hash).exists()
    refused = other.get("/")
    assert refused.url == "/connexion/?next=%2F"
    assert "fermée depuis une autre session" in other.get(refused.url).text
    assert "fermée depuis une autre session" not in other.get(reverse("login")).text
    assert is_in(client)
    assert entries("session_closed") == [{"sessions": 1}]


def test_all_others_are_closed_at_once_and_this_one_stays(client, monkeypatch):
    """S15."""
    monkeypatch.setattr(sessions, "SESSIONS_AT_ONCE", 3)
    adviser = AdviserFactory()
    others = [another_browser(), another_browser()]
    for browser in [*others, client]:
        enter(browser, adviser)

    asked = client.get(reverse("sessions_close")).text
    done = client.post(reverse("sessions_close"))

    assert asked.count("session ouverte le") == 2
    assert done.url == reverse("sessions")
    assert [is_in(browser) for browser in [*others, client]] == [False, False, True]
    assert entries("session_closed") == [{"sessions": 2}]


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_persons_session_does_not_exist_for_me(client, method, adviser):
    """S20."""
    colleague = another_browser()
    enter(colleague, AdviserFactory(structure=adviser.structure))
    row = OpenSession.objects.get()
    enter(client, adviser)

    response = getattr(client, method)(reverse("session_close", args=[row.pk]))

    assert response.status_code == 404
    assert is_in(colleague)


def test_a_session_that_time_or_a_change_has_ended_is_not_listed(client, adviser):
    """The list is the same predicate as the gate, whether or not a job has run."""
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(another_browser(), adviser)
        clock.shift(dt.timedelta(minutes=61))
        enter(client, adviser)

        assert OpenSession.objects.live_of(adviser).count() == 1
        adviser.state = "suspendu"
        assert OpenSession.objects.live_of(adviser).count() == 0
        User.objects.filter(pk=adviser.pk).update(session_salt=7)
        adviser.refresh_from_db()
        assert OpenSession.objects.live_of(adviser).count() == 0


def test_the_row_follows_the_session_when_its_id_changes(client, adviser):
    """S13: a step-up gives a new id, the same session."""
    enter(client, adviser)
    before = key_of(client)
    adviser.totpdevice_set.update(last_t=-1)

    client.post(reverse("step_up"), {"code": code_of(adviser)})

    assert key_of(client) != before
    assert OpenSession.objects.get().key_hash == digest(key_of(client))
    stale = another_browser()
    stale.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(stale)


def test_signing_out_ends_the_row_and_says_nothing_afterwards(client):
    enter(client, AdviserFactory())
    key = key_of(client)
    client.post(reverse("logout"))
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    response = client.get("/")

    assert OpenSession.objects.get().how == SessionEnd.SIGNED_OUT
    assert "fermée" not in client.get(response.url).text


def test_the_last_use_is_written_once_a_minute(client):
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        seen = []
        for seconds in [30, 30, 30]:
            clock.shift(dt.timedelta(seconds=seconds))
            is_in(client)
            seen.append((OpenSession.objects.get().seen_at - MORNING).seconds)

    assert seen == [0, 60, 60]


# --- Two at once ----------------------------------------------------------------------


def test_a_third_sign_in_ends_the_oldest_session_and_the_journal_tells(client, adviser):
    """S16, art. 5.1."""
    first, second = another_browser(), another_browser()
    for browser in [first, second, client]:
        enter(browser, adviser)

    refused = first.get("/")

    assert refused.url == "/connexion/?next=%2F"
    page = first.get(refused.url).text
    assert "deux sessions au plus restent ouvertes" in page
    assert (is_in(second), is_in(client)) == (True, True)
    assert sorted(ends(adviser)) == ["", "", SessionEnd.CAPPED]
    assert entries("session_capped") == [{"sessions": 3}]
    entry = AuditEntry.objects.get(action="session_capped")
    assert (entry.actor, entry.target_id) == (adviser.identifier, str(adviser.pk))


def test_a_form_of_the_ended_session_is_given_back_not_lost(client, adviser):
    enter(client, adviser)
    OpenSession.objects.all().end(SessionEnd.CAPPED)

    response = client.post(
        reverse("charter"),
        {"accepted": "on"},
        headers={"sec-fetch-site": "same-origin"},
    )

    assert response.status_code == 403
    assert 'name="accepted" value="on"' in response.text


def test_signing_in_again_on_the_same_device_takes_the_place_of_its_session(
    client, adviser
):
    """A browser closed and opened again is no sign that the account is shared."""
    other = another_browser()
    enter(other, adviser)
    for _ in range(3):
        enter(client, adviser)
        del client.cookies[settings.SESSION_COOKIE_NAME]

    assert is_in(other)
    assert sorted(ends(adviser)) == ["", "", "remplacee", "remplacee"]
    assert entries("session_capped") == []


def test_sessions_that_have_lapsed_take_no_place(client, adviser):
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(another_browser(), adviser)
        enter(another_browser(), adviser)
        clock.shift(dt.timedelta(minutes=61))
        enter(client, adviser)

    assert entries("session_capped") == []


def sign_in_together(adviser: User, browsers_at_once: int) -> None:
    """So many at the same moment, each with both factors given."""
    together = threading.Barrier(browsers_at_once)
    device = adviser.totpdevice_set.get()

    def one(_: int) -> None:
        browser = another_browser()
        browser.force_login(adviser, signin_actions.BACKEND)
        request = browser.request().wsgi_request
        together.wait()
        try:
            signin_actions.enter(request, device)
        finally:
            connection.close()

    with ThreadPoolExecutor(browsers_at_once) as pool:
        list(pool.map(one, range(browsers_at_once)))


@pytest.mark.django_db(transaction=True)
def test_six_simultaneous_sign_ins_leave_two_sessions():
    """S16: counted under lock of the account's row."""
    adviser = AdviserFactory()

    sign_in_together(adviser, 6)

    adviser.refresh_from_db()
    assert OpenSession.objects.live_of(adviser).count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_would_be_more(monkeypatch):
    """The negative control: the same race, the account's row merely read."""
    adviser = AdviserFactory()
    everyone_has_counted = threading.Barrier(6)
    manager = type(OpenSession.objects)
    create = manager.create

    def create_late(self: Any, **fields: Any) -> OpenSession:
        everyone_has_counted.wait(timeout=60)
        row: OpenSession = create(self, **fields)
        return row

    monkeypatch.setattr(sessions, "lock", lambda account: account)
    monkeypatch.setattr(manager, "create", create_late)

    sign_in_together(adviser, 6)

    assert OpenSession.objects.live_of(adviser).count() == 6


# --- Cut at once ----------------------------------------------------------------------


def withdraw(rgc: User) -> None:
    """Art. 4.3: an opinion, then the regional director's decision."""
    nomination, by = rgc.nominations.get(), FtAdminFactory()
    nomination_actions.advise_withdrawal(nomination, by=by, director="site", **OPINION)
    nomination_actions.withdraw(nomination, by=by, reason="comptes", **DECISION)


def end_convention(rgc: User) -> None:
    end_at_once(rgc.structure.conventions.get())


def suspend(rgc: User) -> None:
    actions.suspend_account(rgc, by=FtAdminFactory(), reason="usage")


def close(rgc: User) -> None:
    rgc.nominations.update(state="parti", ended_on=timezone.localdate())
    actions.close_account(rgc, by=FtAdminFactory(), reason="depart")


def close_by_staff(rgc: User) -> None:
    sessions.close_all(rgc, by=FtAdminFactory())


def change_password_elsewhere(rgc: User) -> None:
    here = another_browser()
    enter(here, rgc)
    data = {
        "old_password": PASSWORD,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    }
    assert here.post(reverse("password_change"), data).url == reverse("profile")
    assert is_in(here)


def change_factor_elsewhere(rgc: User) -> None:
    """What changing a factor calls, from the session that changes it."""
    here = another_browser()
    enter(here, rgc)
    request = here.get(reverse("profile")).wsgi_request
    rgc.refresh_from_db()
    rgc.session_salt += 1
    rgc.save(update_fields=["session_salt"])
    sessions.keep_only_this(request, rgc)
    request.session.save()
    here.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    assert is_in(here)


CUTS = [
    suspend,
    close,
    end_convention,
    withdraw,
    close_by_staff,
    change_password_elsewhere,
    change_factor_elsewhere,
]


@pytest.mark.at_each_run(4)
@pytest.mark.parametrize(
    "is_htmx",
    [
        pytest.param(False, id="page"),
        pytest.param(True, id="part", marks=pytest.mark.thorough),
    ],
)
@pytest.mark.parametrize("cut", CUTS)
def test_the_next_request_of_the_other_browser_is_refused(client, cut, is_htmx, rgc):
    """S14: two clients; what is done in one holds in the other within one request."""
    enter(client, rgc)
    page = reverse("accounts")
    shown = {"hx-request": "true", "hx-current-url": f"http://localhost{page}"}
    headers = shown if is_htmx else {}
    assert client.get(page, headers=headers).status_code == 200

    cut(rgc)
    response = client.get(page, headers=headers)

    if cut in {end_convention, withdraw}:
        assert response.status_code == 403
    elif is_htmx:
        assert response["HX-Redirect"] == "/connexion/?next=%2Fcomptes%2F"
    else:
        assert response.url == "/connexion/?next=%2Fcomptes%2F"


@pytest.mark.parametrize("cut", [suspend, close_by_staff])
def test_a_session_that_has_the_password_alone_is_cut_too(client, cut, rgc):
    """S14."""
    give_password(client, rgc.identifier)

    cut(rgc)

    assert client.get(reverse("login_code")).url.startswith("/connexion/?next")


def test_a_change_that_nobody_told_the_sessions_of_says_so_too(client, adviser):
    """A factor reset by the RGC, an office lost: the stamp differs, that is enough."""
    enter(client, adviser)
    User.objects.filter(pk=adviser.pk).update(session_salt=1)

    page = client.get(client.get("/").url)

    assert "l’accès à votre compte a changé" in page.text
    assert ends(adviser) == [SessionEnd.CUT]


# --- By France Travail ----------------------------------------------------------------


def test_staff_close_the_sessions_of_an_account_of_their_territory(client, adviser):
    """S15: with the factor of the last minutes, and a line of the journal."""
    other = another_browser()
    enter(other, adviser)
    admin = FtAdminFactory()
    sign_in(client, admin)
    button = reverse("admin:accounts_user_action", args=[adviser.pk, "fermer-sessions"])

    response = client.post(button)

    assert response.status_code == 302
    refused = other.get("/")
    assert "France Travail a fermé les sessions" in other.get(refused.url).text
    entry = AuditEntry.objects.get(action="session_closed")
    assert (entry.actor, entry.target_id) == (admin.identifier, str(adviser.pk))
    assert entry.details == {"sessions": 1}


def test_staff_of_another_territory_and_agents_close_nothing(client, adviser):
    """S15, S27."""
    other = another_browser()
    enter(other, adviser)
    button = reverse("admin:accounts_user_action", args=[adviser.pk, "fermer-sessions"])

    answers = []
    for person in [FtAdminFactory(agency=AgencyFactory()), AgentFactory()]:
        sign_in(client, person)
        answers.append(client.post(button).status_code)

    assert answers == [404, 404]
    assert is_in(other)


# --- Warned before the end (A7) -------------------------------------------------------


def test_the_page_asks_how_long_is_left_without_keeping_the_session_awake(client):
    """A7, S13."""
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        told = []
        for minutes in [0, 30, 28, 1]:
            clock.shift(dt.timedelta(minutes=minutes))
            state = client.get(reverse("session_state")).json()
            told.append((state["idle"], state["whole"]))
        clock.shift(dt.timedelta(minutes=1, seconds=1))
        ended = client.get(reverse("session_state"))

    assert told == [(3600, 43200), (1800, 41400), (120, 39720), (60, 39660)]
    assert ended.status_code == 302


def test_to_stay_signed_in_starts_the_hour_again_but_not_the_day(client):
    """A7, S13."""
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        clock.shift(dt.timedelta(minutes=59))
        state = client.post(reverse("session_extend")).json()
        clock.shift(dt.timedelta(minutes=59))

        assert (state["idle"], state["whole"]) == (3600, 43200 - 59 * 60)
        assert is_in(client)


def test_to_stay_signed_in_changes_nothing_at_the_absolute_end(client):
    """S13."""
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        for _ in range(12):
            clock.shift(dt.timedelta(minutes=59, seconds=50))
            state = client.post(reverse("session_extend")).json()
        clock.shift(dt.timedelta(minutes=3))

        assert (state["idle"], state["whole"]) == (3600, 120)
        assert client.post(reverse("session_extend")).status_code == 403
        assert not is_in(client)


def test_work_in_another_tab_counts(client):
    """A7: the server is asked, not the page's own clock."""
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        clock.shift(dt.timedelta(minutes=50))
        client.get("/")
        clock.shift(dt.timedelta(minutes=8))

        assert client.get(reverse("session_state")).json()["idle"] == 52 * 60


def test_to_stay_signed_in_wants_the_forms_token(adviser):
    browser = Client(
        SERVER_NAME="localhost", headers={"host": "localhost"}, enforce_csrf_checks=True
    )
    sign_in(browser, adviser)
    token = browser.get(reverse("session_state")).json()["token"]
    page = reverse("session_extend")

    assert browser.post(page).status_code == 403
    assert browser.post(page, headers={"x-csrftoken": token}).status_code == 200


@pytest.mark.parametrize(
    ("factory", "seconds"), [(AdviserFactory, 58 * 60), (FtAdminFactory, 28 * 60)]
)
def test_each_page_knows_when_to_ask_and_says_nothing_until_then(
    client, factory, seconds
):
    """A7: on the partners' pages and on France Travail's desk."""
    person = factory()
    with time_machine.travel(MORNING, tick=False):
        enter(client, person)
        page = client.get("/", follow=True).text

    assert f'data-warns-in="{seconds}"' in page
    assert 'role="alertdialog"' in page
    assert "open" not in page.partition("<dialog")[2].partition(">")[0]


def test_nobody_is_warned_who_has_no_session_to_lose(client):
    give_password(client, AdviserFactory().identifier)

    pages = [client.get(reverse("login_code")), another_browser().get("/connexion/")]

    assert ["<dialog" in page.text for page in pages] == [False, False]


# --- Letters (S11) --------------------------------------------------------------------


def letters() -> list[str]:
    """The subjects of what has left, once PostgreSQL's clock has reached the tests'."""
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5)):
        outbox.relay()
    return [message.subject for message in mail.outbox]


@pytest.mark.usefixtures("still_clock")
def test_a_new_device_is_told_to_the_holder_a_known_one_is_not(client, adviser):
    """S11."""
    for _ in range(2):
        enter(client, adviser)
        client.post(reverse("logout"))
    nothing_yet = letters()
    enter(another_browser(), adviser, **OFFICE)

    assert nothing_yet == []
    assert letters() == ["Opus : connexion depuis un nouvel appareil"]
    (letter,) = mail.outbox
    assert letter.to == [adviser.email]
    assert "Firefox sous Windows" in letter.body
    assert "192.0.2.x" in letter.body
    for hidden in [
        "192.0.2.17",
        adviser.identifier,
        adviser.last_name,
        PASSWORD,
        *OpenSession.objects.values_list("device", flat=True),
    ]:
        assert hidden not in letter.body
        assert hidden not in letter.subject


def test_a_forged_device_name_is_a_new_device(client, adviser):
    enter(client, adviser)
    client.post(reverse("logout"))
    client.cookies[sessions.DEVICE_COOKIE] = "forge:1tNvWx:0000"
    enter(client, adviser)

    assert letters() == ["Opus : connexion depuis un nouvel appareil"]


def test_a_device_known_to_a_colleague_is_new_to_me(client):
    """Each account knows its own devices."""
    first, second = AdviserFactory(), AdviserFactory()
    enter(client, first)
    client.post(reverse("logout"))
    enter(another_browser(), second)
    enter(client, second)

    assert letters() == ["Opus : connexion depuis un nouvel appareil"]
    assert len(set(OpenSession.objects.values_list("device", flat=True))) == 3


@pytest.mark.usefixtures("still_clock")
@pytest.mark.parametrize(("failures", "told"), [(4, 0), (5, 1)])
def test_a_sign_in_after_five_failures_is_told(client, failures, told, adviser):
    """S11: whether the password or the code was wrong."""
    enter(client, adviser)
    client.post(reverse("logout"))
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        for _ in range(3):
            give_password(client, adviser.identifier, "pas le bon mot de passe")
        give_password(client, adviser.identifier)
        for _ in range(failures - 3):
            give_code(client, WRONG_CODE)
        adviser.totpdevice_set.update(last_t=-1)
        give_code(client, code_of(adviser))

    assert len(letters()) == told
    for letter in mail.outbox:
        assert letter.subject == "Opus : connexion après plusieurs essais manqués"
        assert "5 essais avaient échoué" in letter.body


def test_the_failures_before_the_last_sign_in_are_not_told_again(client, adviser):
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, adviser)
        clock.shift(dt.timedelta(hours=1))
        for _ in range(5):
            give_password(another_browser(), adviser.identifier, "pas le bon du tout")
        clock.shift(dt.timedelta(hours=1))
        enter(client, adviser)
        clock.shift(dt.timedelta(hours=1))
        enter(client, adviser)

    assert letters() == ["Opus : connexion après plusieurs essais manqués"]


def test_the_devices_cookie_is_bound_to_the_host_and_hidden_from_scripts(client):
    """S18."""
    response = enter(client, AdviserFactory())

    cookie = response.cookies["__Host-opus-appareil"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["max-age"] == 400 * 24 * 3600


# --- Housekeeping ---------------------------------------------------------------------


def test_lapsed_sessions_are_ended_and_old_ones_forgotten(client):
    with time_machine.travel(MORNING, tick=False) as clock:
        enter(client, AdviserFactory())
        clock.shift(dt.timedelta(hours=11))
        sessions.tidy_sessions()
        after_eleven_hours = (ends(User.objects.get()), Session.objects.count())
        clock.shift(dt.timedelta(hours=2))
        sessions.tidy_sessions()
        after_thirteen = (ends(User.objects.get()), Session.objects.count())
        clock.shift(settings.SESSION_REMEMBERED)
        sessions.tidy_sessions()
        remembered = OpenSession.objects.count()
        clock.shift(dt.timedelta(days=1))
        sessions.tidy_sessions()

    assert after_eleven_hours == ([""], 1)
    assert after_thirteen == ([SessionEnd.LAPSED], 0)
    assert (remembered, OpenSession.objects.count()) == (1, 0)


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.17", "192.0.2.x"),
        ("2001:db8:1:2::5", "2001:0db8:0001:x"),
        (None, "inconnu"),
    ],
)
def test_a_network_is_shown_in_short(address, shown):
    """S15."""
    assert user_agents.short(user_agents.network_of(address)) == shown


@pytest.mark.django_db(transaction=True)
def test_sessions_end_in_a_transaction_of_their_own():
    """S14: no view opens one around it; the rows are locked all the same."""
    session = OpenSessionFactory()

    assert OpenSession.objects.filter(pk=session.pk).end(SessionEnd.CLOSED) == 1

    session.refresh_from_db()
    assert session.ended_at
