"""A session on a network of no habit proves itself again."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.security import detection
from accounts.security.models import Alert
from accounts.signin.models import ProvedNetwork
from accounts.signin.sessions import tidy_sessions
from accounts.users.models import User
from tests.accounts.authenticator import (
    Authenticator,
    enrol_passkey,
    options_of,
    origin,
)
from tests.accounts.factories import FtAdminFactory, RgcFactory
from tests.accounts.journal import paris
from tests.accounts.journeys import another_browser, code_of, enter
from tests.accounts.signin.test_given_back import (
    ADD,
    GIVEN_BACK,
    OURS,
    SAMIR,
    form_to,
    words,
)
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory
from tests.walk import Address, addresses

pytestmark = pytest.mark.django_db

OFFICE, TRAIN = "198.51.100.7", "203.0.113.9"
GATE = reverse("step_up")
# The proof itself, its way out and its clock.
ALWAYS = {
    *("login_code", "enrol_factor", "enrol_passkey", "passkey_new_options", "logout"),
    *("step_up", "passkey_confirm", "session_state", "session_extend"),
}
# Offers, news and surveys: no person, or one that is asked for as it is shown.
NAMES_NOBODY = {
    *("offers", "offers_map", "places", "trades", "skills", "sectors"),
    *("offer_number", "search_filters", "search_export", "seen_offers", "offer"),
    *("preview", "offer_document", "offer_document_pdf", "offer_document_progress"),
    *("offer_document_again", "announcements", "announcement"),
    *("survey", "survey_set_aside"),
}
# One's own account, and questions about Opus.
OWN = {
    *("charter", "profile", "factor_add", "factor_add_passkey", "factor"),
    *("factor_remove", "backup_codes", "password_change", "sessions"),
    *("sessions_close", "session_close", "help", "help_question", "help_guide"),
    *("tickets", "ticket", "own_rights"),
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(paris(2026, 11, 2, 9, 0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def elsewhere() -> Client:
    """A browser of the train."""
    return Client(
        headers={"host": "localhost"}, SERVER_NAME="localhost", REMOTE_ADDR=TRAIN
    )


def is_asked(response: Any) -> bool:
    location = response.get("Location", "") or response.get("HX-Redirect", "")
    return location.startswith(GATE)


def prove(client: Client, user: Any, **extra: Any) -> Any:
    user.totpdevice_set.update(last_t=-1)
    return client.post(GATE, {"code": code_of(user)}, **extra)


def asks(client: Client, address: Address) -> bool:
    """Whether either way into the address asks."""
    return is_asked(client.get(address.path)) or is_asked(client.post(address.path))


def inner() -> list[Address]:
    return [one for one in addresses() if not one.is_public and one.name not in ALWAYS]


def test_a_copied_cookie_opens_no_page_that_names_a_person(elsewhere, adviser):
    """Every address: files, documents, exports and links of e-mails too."""
    sign_in(elsewhere, adviser)

    open_ = {
        address.name
        for address in inner()
        if not address.is_admin and not asks(elsewhere, address)
    }

    # Its file asks for the factor as any sensitive act does (S17).
    sensitive = {
        *("search_export", "factor_add", "factor_add_passkey", "factor"),
        *("factor_remove", "backup_codes", "password_change"),
    }
    assert open_ == (NAMES_NOBODY | OWN) - sensitive


@pytest.mark.parametrize("make", [RgcFactory, FtAdminFactory])
def test_to_an_rgc_and_the_staff_only_public_pages_open(elsewhere, make):
    user = make()
    sign_in(elsewhere, user)

    walked = [one for one in inner() if one.is_admin == user.is_staff]
    open_ = {str(one) for one in walked if not asks(elsewhere, one)}

    assert len(walked) > 50
    # Django's own: the door, which leads to ours, and no page.
    assert open_ - {"/admin/login/"} == set()
    assert elsewhere.get(reverse("legal")).status_code == 200


def test_an_offer_asks_only_where_it_would_name_somebody(elsewhere, adviser):
    mine, other = OfferFactory(), OfferFactory()
    ReferralFactory(candidate=CandidateFactory(adviser=adviser), offer=mine)
    sign_in(elsewhere, adviser)

    kept = elsewhere.get(reverse("offer", args=[mine.pk]))

    assert is_asked(kept)
    prove(elsewhere, adviser)
    assert elsewhere.get(reverse("offer", args=[mine.pk])).status_code == 200
    assert elsewhere.get(reverse("offer", args=[other.pk])).status_code == 200


def test_after_the_proof_nothing_asks_again_on_that_network(elsewhere, adviser, clock):
    page = CandidateFactory(adviser=adviser).get_absolute_url()
    sign_in(elsewhere, adviser)
    assert is_asked(elsewhere.get(page))
    assert is_asked(elsewhere.get(page))  # A request proves nothing.

    proved = prove(elsewhere, adviser, query_params={"next": page})

    assert proved["Location"] == page
    assert elsewhere.get(page).status_code == 200
    clock.shift(dt.timedelta(days=80))
    sign_in(elsewhere, adviser)
    assert elsewhere.get(page).status_code == 200
    clock.shift(dt.timedelta(days=11))
    sign_in(elsewhere, adviser)
    assert is_asked(elsewhere.get(page))


def test_a_passkey_proves_it_and_what_was_typed_is_given_back(elsewhere):
    rgc, key = RgcFactory(), Authenticator()
    enrol_passkey(sign_in(another_browser(), rgc), key)
    rgc.refresh_from_db()
    sign_in(elsewhere, rgc)
    gate = elsewhere.post(reverse(ADD), SAMIR, headers=OURS, follow=True)
    signed = key.get(options_of(elsewhere, "passkey_options"), origin())
    form = form_to(gate, reverse("passkey_confirm"))

    passed = elsewhere.post(form.action, form.data(credential=signed), headers=OURS)

    assert "une seule fois pour ce réseau" in words(gate)
    assert GIVEN_BACK in words(passed)
    assert form_to(passed, reverse(ADD)).values["last_name"] == ["Haddad"]
    assert not is_asked(elsewhere.get(reverse("home")))


def test_a_part_of_a_page_sends_the_whole_page_to_the_gate(elsewhere, adviser):
    sign_in(elsewhere, adviser)

    response = elsewhere.get(
        reverse("exports_list"),
        headers={"HX-Request": "true", "HX-Current-URL": "https://localhost/exports/"},
    )

    assert response["HX-Redirect"] == f"{GATE}?next=%2Fexports%2F"


def test_a_fresh_confirmation_elsewhere_adds_no_factor_here(elsewhere, adviser):
    """S17: the thief of a cookie does not live on its holder's last code."""
    sign_in(elsewhere, adviser)

    assert is_asked(elsewhere.get(reverse("factor_add")))
    assert elsewhere.post(reverse("passkey_new_options")).status_code == 403


def test_a_network_is_forgotten_after_ninety_days(client, adviser, clock):
    enter(client, adviser, REMOTE_ADDR=OFFICE)
    enter(client, adviser, REMOTE_ADDR=OFFICE)
    clock.shift(dt.timedelta(days=90))
    tidy_sessions()
    rows = ProvedNetwork.objects.values_list("account", "network")
    assert list(rows) == [(adviser.pk, "198.51.0.0/16")]

    clock.shift(dt.timedelta(days=1))
    tidy_sessions()

    assert not ProvedNetwork.objects.exists()


HOME, VPN = "192.0.2.10", "100.64.8.1"
RANGES = ["10.1.0.5", "10.2.0.5", "10.3.0.5", "10.4.0.5"]


def places_of(day: int) -> list[str]:
    """The networks of a working day, in one living session."""
    if day % 7 == 2:
        return [HOME, VPN, HOME, VPN]
    ways = [OFFICE, RANGES[day % 4], OFFICE, RANGES[(day + 1) % 4]]
    # On Thursdays a train, each time with a network of its own.
    return [*ways, f"172.{16 + day // 7}.0.9"] if day % 7 == 3 else ways


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize("make", ["adviser", "rgc"])
def test_a_normal_month_asks_once_a_week_and_raises_nothing(
    make, request, client, clock
):
    user: User = request.getfixturevalue(make)
    start = paris(2026, 11, 2, 9, 0)
    asked = [0] * 5
    for day in [day for day in range(30) if day % 7 < 5]:
        client.logout()
        for n, place in enumerate(places_of(day)):
            clock.move_to(start + dt.timedelta(days=day, minutes=50 * n))
            where = {"REMOTE_ADDR": place, "HTTP_USER_AGENT": "Firefox"}
            if n == 0:
                enter(client, user, **where)
            for _ in range(2):
                page = client.get(reverse("candidates"), **where)
                if is_asked(page):
                    asked[day // 7] += 1
                    prove(client, user, **where)
                    page = client.get(reverse("candidates"), **where)
                assert page.status_code == 200
                clock.shift(dt.timedelta(minutes=3))
        detection.watch()

    assert asked == [6, 1, 1, 1, 0]
    assert [alert.rule for alert in Alert.objects.all()] == []
