"""A password forgotten or changed: told to its holder, never past the factor."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.signin import rate_limits, reset_tokens
from accounts.signin.models import OpenSession
from accounts.signin.rate_limits import TooManyTries, TryKind, count_try
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    PASSWORD,
    AdviserFactory,
    FtAdminFactory,
    RgcFactory,
)
from tests.accounts.journeys import (
    another_browser,
    code_of,
    enter,
    give_code,
    give_password,
)
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

FORGOTTEN = "/mot-de-passe-oublie/"
CHOOSE = "/mot-de-passe-oublie/nouveau/"
NEW_PASSWORD = "cinq mots choisis au hasard"
TYPED_TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def deliver() -> None:
    """Send what waits, once PostgreSQL's clock has reached the tests'.

    By a number: an instant in UTC would take that zone along, and Django's generator of
    tokens reads the hour of the wall, two hours away in summer.
    """
    with time_machine.travel((timezone.now() + dt.timedelta(minutes=5)).timestamp()):
        outbox.relay()


def link_in(letter: mail.EmailMessage) -> str:
    """The path that a letter's link leads to."""
    found = re.search(r"https?://[^/\s]+(/mot-de-passe-oublie/lien/\S+/)", letter.body)
    assert found, letter.body
    return found[1]


def ask_link(client, user: User) -> str:
    client.post(FORGOTTEN, {"who": user.identifier})
    deliver()
    return link_in(mail.outbox[-1])


def journal(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


# --- The whole way --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["identifier", "email"])
def test_a_forgotten_password_is_chosen_anew_and_the_factor_still_asked(
    client, typed, adviser
):
    """S8: from the form to the first page."""
    elsewhere = another_browser()
    enter(elsewhere, adviser)
    adviser.totpdevice_set.update(last_t=-1)

    asked = client.post(FORGOTTEN, {"who": getattr(adviser, typed).upper()})
    deliver()
    opened = client.get(link_in(mail.outbox[-1]))
    page = client.get(opened.url)
    chosen = client.post(CHOOSE, TYPED_TWICE)
    before_factor = client.get("/")
    done = give_code(client, code_of(adviser))

    assert asked.url == reverse("password_reset_sent")
    assert (opened.status_code, opened.url) == (302, CHOOSE)
    assert page.status_code == 200
    assert chosen.url == reverse("login_code")
    assert before_factor.url.startswith("/connexion/code/")
    assert done.url == "/"
    assert client.get("/").status_code == 200
    adviser.refresh_from_db()
    assert check_password(NEW_PASSWORD, adviser.password)
    assert elsewhere.get("/").url.startswith("/connexion/")
    deliver()
    assert [letter.subject for letter in mail.outbox] == [
        "Opus : choisir un nouveau mot de passe",
        "Opus : votre mot de passe a changé",
        "Opus : connexion depuis un nouvel appareil",
    ]
    (asked_for,) = journal("password_reset_asked")
    assert (asked_for.actor, asked_for.target_id) == ("", str(adviser.pk))
    (changed,) = journal("password_changed")
    assert (changed.actor, changed.details) == (adviser.identifier, {"how": "lien"})


def test_one_person_gets_no_more_links_by_two_names_than_by_one(client, adviser):
    """S8: identifier and address are counted apart, the links of the person together;
    the answer tells nothing of it (S7)."""
    answers = [
        client.post(FORGOTTEN, {"who": word}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(5)
        for word in (adviser.identifier, adviser.email)
    ]
    deliver()

    assert answers == [302] * 10
    assert len(mail.outbox) == 5


def test_a_link_serves_once(client):
    """S8: the second use is a page that says what to do."""
    link = ask_link(client, AdviserFactory())
    client.get(link)
    client.post(CHOOSE, TYPED_TWICE)

    again = [
        another_browser().get(link),
        client.get(link),
        client.get(CHOOSE),
        client.post(CHOOSE, TYPED_TWICE),
    ]

    assert [response.status_code for response in again] == [400, 400, 400, 400]
    text = again[0].text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Un lien sert une seule fois, pendant une heure" in text
    assert "Demander un autre lien" in text


def test_opening_the_letter_spends_nothing(client):
    """Mailboxes open links before their reader does."""
    link = ask_link(client, AdviserFactory())
    for _ in range(3):
        another_browser().get(link)

    client.get(link)

    assert client.post(CHOOSE, TYPED_TWICE).status_code == 302


def test_a_refused_password_leaves_the_link_whole(client, adviser):
    """S4."""
    client.get(ask_link(client, adviser))

    refused = client.post(
        CHOOSE, {"password1": "trop court", "password2": "trop court"}
    )

    assert "il en faut au moins 15" in refused.text
    assert client.post(CHOOSE, TYPED_TWICE).status_code == 302


def test_the_link_lives_an_hour(client, adviser):
    """S8."""
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False) as clock:
        link = f"/mot-de-passe-oublie/lien/{reset_tokens.make(adviser)}/"
        clock.shift(dt.timedelta(hours=1))
        in_time = another_browser().get(link).status_code
        clock.shift(dt.timedelta(seconds=1))
        too_late = another_browser().get(link).status_code

    assert (in_time, too_late) == (302, 400)


def sign_in_since(user: User) -> None:
    enter(another_browser(), user)


def change_password(user: User) -> None:
    user.set_password("une phrase venue entre-temps")
    user.save()


def change_address(user: User) -> None:
    user.email = "une.autre@partenaire.example"
    user.save()


def change_factor(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_salt=1)


def suspend(user: User) -> None:
    user.suspend(by=None, reason="usage")


def close(user: User) -> None:
    user.close(by=FtAdminFactory(), reason="depart")


@pytest.mark.parametrize(
    "change",
    [sign_in_since, change_password, change_address, change_factor, suspend, close],
)
def test_a_link_is_void_once_the_account_has_changed(client, change, adviser):
    """S8: it is tied to the state of the account, though nothing of it is kept."""
    link = ask_link(client, adviser)
    change(User.objects.get(pk=adviser.pk))

    assert client.get(link).status_code == 400


@pytest.mark.parametrize("token", ["x", "x:y:z", f"{uuid.UUID(int=7).hex}-abc-def"])
def test_a_made_up_link_is_void(client, token):
    response = client.get(reverse("password_reset_link", args=[token]))

    assert response.status_code == 400


def test_another_accounts_state_opens_nothing():
    first, second = AdviserFactory(), AdviserFactory()

    assert reset_tokens.account_of(reset_tokens.make(first)) == first
    first_id, second_id = (one.public_id.hex for one in (first, second))
    token = reset_tokens.make(first).replace(first_id, second_id)
    assert reset_tokens.account_of(token) is None


def test_the_token_leaves_the_address_and_no_referer_goes_out(client):
    """S8: the page of the password has an address that opens nothing by itself."""
    link = ask_link(client, AdviserFactory())
    opened = client.get(link)
    page = client.get(opened.url)

    token = link.split("/")[-2]
    assert token not in opened.url
    assert token not in page.text
    assert page["Referrer-Policy"] == "same-origin"
    assert another_browser().get(CHOOSE).status_code == 400


def test_the_link_is_kept_nowhere_in_clear(client, adviser):
    """S8: neither the outbox nor the session in the database holds it."""
    link = ask_link(client, adviser)
    client.get(link)

    rows = str(list(OutboxEntry.objects.values()))
    assert link.split("/")[-2] not in rows
    assert adviser.email not in rows
    assert adviser.identifier not in rows


def test_the_lock_of_the_password_ends_with_a_reset_that_of_the_code_does_not(
    client, adviser
):
    """S6."""
    link = ask_link(client, adviser)
    for door in [TryKind.PASSWORD, TryKind.CODE]:
        for _ in range(rate_limits.FREE_TRIES):
            count_try(door, account=adviser.identifier, address=None)

    client.get(link)
    client.post(CHOOSE, TYPED_TWICE)

    assert count_try(TryKind.PASSWORD, account=adviser.identifier, address=None)
    with pytest.raises(TooManyTries):
        count_try(TryKind.CODE, account=adviser.identifier, address=None)


def test_the_session_before_is_not_kept(client):
    """Somebody else's session in that browser gives way to the one of the link."""
    first, second = AdviserFactory(), AdviserFactory()
    link = ask_link(another_browser(), second)
    sign_in(client, first)
    client.get(link)

    client.post(CHOOSE, TYPED_TWICE)

    assert client.get(reverse("login_code")).wsgi_request.user == second


# --- Whoever it is (S7) ---------------------------------------------------------------


def kinds() -> dict[str, str]:
    """What is typed, for each kind of account."""
    return {
        "active": AdviserFactory().identifier,
        "suspended": AdviserFactory(suspended=True).identifier,
        "closed": AdviserFactory(closed=True).identifier,
        "unused": AdviserFactory(created=True, password="!").identifier,
        "without factor": AdviserFactory(factor=None).identifier,
        "unknown": "IDA-ZZZZ",
    }


def test_whoever_it_is_the_answer_and_the_work_are_the_same(counting_hasher):
    """S7: status, words, queries, hashes."""
    told = {}
    for kind, typed in kinds().items():
        browser = another_browser()
        counting_hasher.reset()
        with CaptureQueriesContext(connection) as queries:
            answer = browser.post(FORGOTTEN, {"who": typed})
        page = re.sub(r'nonce="[^"]+"', "", browser.get(answer.url).text)
        told[kind] = (
            answer.status_code,
            answer.url,
            page,
            counting_hasher.count,
            [re.sub(r"'[^']*'|\d+|NULL", "…", query["sql"]) for query in queries],
        )

    assert list(told.values()) == [told["unknown"]] * len(told)
    assert told["unknown"][3] == 0


def test_the_mailbox_alone_learns_who_it_is(client):
    """A suspended account is told whom to ask, a closed one nothing."""
    for typed in kinds().values():
        client.post(FORGOTTEN, {"who": typed})
    deliver()

    bodies = [letter.body.replace("\N{NO-BREAK SPACE}", " ") for letter in mail.outbox]
    signs = [
        "/lien/",
        "Votre compte est suspendu",
        "premier accès : demandez",
        "plus de",
    ]
    assert [[sign in body for sign in signs].index(True) for body in bodies] == [
        0,
        1,
        2,
        3,
    ]
    assert sum("/lien/" in body for body in bodies) == 1


def test_no_letter_holds_an_identifier_a_name_or_a_password(client, adviser):
    """S9, S11, V17."""
    client.get(ask_link(client, adviser))
    client.post(CHOOSE, TYPED_TWICE)
    deliver()

    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        text = letter.subject + letter.body + str(letter.alternatives)
        for hidden in [adviser.identifier, adviser.last_name, NEW_PASSWORD, PASSWORD]:
            assert hidden not in text


@pytest.mark.parametrize(
    ("factory", "helper"),
    [
        (AdviserFactory, "le responsable de gestion des comptes (RGC)"),
        (RgcFactory, "le correspondant France Travail"),
        (FtAdminFactory, "un administrateur d’Opus"),
    ],
)
def test_the_letter_names_whom_to_ask(client, factory, helper):
    account = factory()
    if account.role == Role.ADVISER:
        RgcFactory(structure=account.structure)
    ask_link(client, account)

    assert helper in mail.outbox[-1].body


def test_a_letter_that_comes_an_hour_late_says_nothing_any_more(client):
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False) as clock:
        client.post(FORGOTTEN, {"who": AdviserFactory().identifier})
        clock.shift(dt.timedelta(hours=24))
        outbox.relay()

    assert mail.outbox == []


@pytest.mark.usefixtures("still_clock")
@pytest.mark.parametrize("is_known", [True, False])
def test_asking_again_and_again_is_limited_whoever_it_is(client, is_known):
    """S6, S7: five, then a wait that is told; nothing is sent meanwhile."""
    typed = AdviserFactory().identifier if is_known else "IDA-ZZZZ"
    for _ in range(5):
        client.post(FORGOTTEN, {"who": typed})

    response = client.post(FORGOTTEN, {"who": f" {typed.lower()}"})

    assert (response.status_code, response["Retry-After"]) == (429, "15")
    assert "Trop d’essais" in response.text
    assert len(journal("password_reset_asked")) == 5
    assert OutboxEntry.objects.count() == 5


@pytest.mark.usefixtures("still_clock")
def test_one_address_asks_for_fifteen_accounts_at_most(client):
    """S6."""
    statuses = [
        client.post(FORGOTTEN, {"who": f"IDA-{n:04d}"}).status_code for n in range(16)
    ]

    assert statuses == [302] * 15 + [429]


def test_nothing_typed_is_told_so_and_counts_for_nothing(client):
    response = client.post(FORGOTTEN, {"who": " "})

    assert response.context["form"].errors["who"]
    assert not journal("password_reset_asked")


def test_the_journal_keeps_nothing_of_what_was_typed_at_random(client):
    """S41."""
    client.post(FORGOTTEN, {"who": "mon-mot-de-passe-par-erreur"})

    (entry,) = journal("password_reset_asked")
    assert (entry.target_id, entry.details) == ("", {})
    assert "par-erreur" not in str(list(OutboxEntry.objects.values()))


# --- Changed by its holder ------------------------------------------------------------


def change(client, **typed: str):
    data = {"old_password": PASSWORD, **TYPED_TWICE, **typed}
    return client.post(reverse("password_change"), data)


def test_the_holder_changes_his_password_and_stays_signed_in(client, adviser):
    """S8, S11, S14."""
    elsewhere = another_browser()
    enter(elsewhere, adviser)
    enter(client, adviser)

    done = change(client)

    assert done.url == reverse("profile")
    assert "Vos autres sessions sont fermées" in client.get(done.url).text
    assert elsewhere.get("/").url.startswith("/connexion/")
    assert OpenSession.objects.live_of(User.objects.get(pk=adviser.pk)).count() == 1
    assert give_password(another_browser(), adviser.identifier).status_code == 200
    assert (
        give_password(another_browser(), adviser.identifier, NEW_PASSWORD).status_code
        == 302
    )
    (entry,) = journal("password_changed")
    assert entry.actor == adviser.identifier
    assert entry.details == {"how": "titulaire", "new_device": True}
    deliver()
    assert mail.outbox[-1].subject == "Opus : votre mot de passe a changé"


def test_the_factor_must_be_fresh(client):
    """S17."""
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False) as clock:
        sign_in(client, AdviserFactory())
        clock.shift(dt.timedelta(minutes=16))
        answers = [client.get(reverse("password_change")).url, change(client).url]

    assert answers == ["/connexion/confirmer/?next=%2Fprofil%2Fmot-de-passe%2F"] + [
        "/connexion/confirmer/"
    ]
    assert not journal("password_changed")


@pytest.mark.usefixtures("still_clock")
def test_the_present_password_is_asked_and_its_tries_are_counted(as_adviser):
    """S6: whoever finds an open session guesses no password there."""
    wrong = [change(as_adviser, old_password="pas le bon du tout") for _ in range(5)]

    limited = change(as_adviser)

    assert {response.status_code for response in wrong} == {200}
    assert "Ce n’est pas votre mot de passe actuel" in wrong[0].text
    assert (limited.status_code, limited["Retry-After"]) == (429, "15")
    assert "Trop d’essais" in limited.text
    assert not journal("password_changed")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"password2": "une autre phrase bien longue"}, "password2", "diffèrent"),
        ({"password1": PASSWORD, "password2": PASSWORD}, "password1", "actuel"),
        (dict.fromkeys(["password1", "password2"], "court"), "password1", "au moins"),
    ],
)
def test_a_change_that_will_not_do_says_why(as_adviser, typed, field, said):
    response = change(as_adviser, **typed)

    assert said in " ".join(response.context["form"].errors[field])
    assert not journal("password_changed")


def test_one_success_forgives_the_failures_before(as_adviser):
    for _ in range(3):
        change(as_adviser, old_password="pas le bon du tout")

    change(as_adviser)

    assert not any(
        throttle.tries
        for throttle in rate_limits.Throttle.objects.filter(
            key__startswith="mot-de-passe"
        )
    )
