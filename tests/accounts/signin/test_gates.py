"""The gates: account, session, factors, charter, convention; asked each time."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.nominations.enums import NominationState
from accounts.team import actions
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
    end_at_once,
)
from tests.accounts.journeys import another_browser, give_password
from tests.conftest import sign_in
from tests.walk import Address, addresses

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
MORNING = dt.datetime(2026, 11, 24, 9, tzinfo=PARIS)
# What a session that has the password alone may still reach.
GATES = {"login_code", "enrol_factor", "enrol_passkey", "passkey_new_options", "logout"}


def closed_addresses() -> list[Address]:
    return [
        address
        for address in addresses()
        if address.name not in GATES and (address.is_admin or not address.is_public)
    ]


@pytest.mark.parametrize(
    "factor",
    [
        "accounts.totpdevice/{another}",
        "accounts.totpdevice/-2147483648",
        "accounts.totpdevice/x",
        "nowhere.device/1",
        "/",
    ],
)
def test_a_session_is_verified_by_a_factor_of_its_own_account_alone(client, factor):
    """S1: another's factor, none at all, or what is no factor."""
    adviser, another = AdviserFactory(), AdviserFactory()
    sign_in(client, adviser)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = factor.format(
        another=another.totpdevice_set.get().pk
    )
    session.save()

    answer = client.get(reverse("offers"), {"lieu": ""})

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login_code"))


def test_the_walk_sees_the_whole_site():
    paths = {address.name: address.path for address in addresses()}

    assert paths["home"] == "/"
    assert paths["account_close"].startswith("/comptes/00000000-")
    assert paths["accounts_user_change"] == "/admin/accounts/user/1/change/"
    assert len(closed_addresses()) > 30


@pytest.mark.parametrize(
    ("method", "roles"),
    # Each method by a partner and by staff: the gate asks no more of the role.
    [
        ("get", [AdviserFactory, FtAdminFactory]),
        pytest.param("post", [RgcFactory, AgentFactory], marks=pytest.mark.thorough),
    ],
)
def test_a_password_alone_opens_nothing_but_the_second_factor(client, method, roles):
    """S1, S27: every address of the site, the admin's included."""
    for person in [role() for role in roles]:
        client.cookies.clear()
        give_password(client, person.identifier)
        for address in closed_addresses():
            response = getattr(client, method)(address.path)

            # The admin does not exist for partners.
            if address.is_admin and person.is_partner:
                assert response.status_code == 404, address
            else:
                assert response.status_code == 302, address
                assert response.url.startswith("/connexion/code/"), address


def test_without_a_second_factor_every_page_leads_to_its_enrolment(client):
    """S1."""
    give_password(client, AdviserFactory(factor=None).identifier)

    for address in closed_addresses():
        if not address.is_admin:
            response = client.get(address.path)
            assert response.url.startswith("/connexion/facteur/"), address


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(client):
    """S19: the admin's own form, which asks one factor, is never shown."""
    for address in closed_addresses():
        response = client.get(address.path)
        if response.url.startswith("/admin/login/"):
            response = client.get(response.url)

        assert response.status_code == 302, address
        assert response.url.startswith("/connexion/"), address


@pytest.mark.thorough
def test_the_admin_does_not_exist_for_partners(client):
    """S27: by turns; tests/admin/test_registers.py has both ask for each register."""
    desk = [address for address in closed_addresses() if address.is_admin]
    for nth, person in enumerate([AdviserFactory(), RgcFactory()]):
        sign_in(client, person)
        for address in desk[nth::2]:
            assert client.get(address.path).status_code == 404, address


def test_partners_pages_are_not_for_france_travail_staff(as_ft_admin):
    answers = {
        name: as_ft_admin.get(reverse(name)).status_code
        for name in ["home", "accounts", "account_add", "profile", "step_up"]
    }

    assert answers == {
        "home": 302,
        "accounts": 403,
        "account_add": 403,
        "profile": 200,
        "step_up": 200,
    }


def test_a_device_that_was_never_confirmed_verifies_nothing(as_adviser, adviser):
    adviser.totpdevice_set.update(confirmed=False)

    assert as_adviser.get("/").url.startswith("/connexion/facteur/")


def test_a_reactivated_account_does_not_find_its_old_session_again(as_adviser, adviser):
    """S14."""
    rgc = RgcFactory(structure=adviser.structure)

    actions.suspend_account(adviser, by=rgc, reason="perte")
    actions.reactivate_account(adviser, by=rgc)

    assert as_adviser.get("/").url == "/connexion/?next=/"


@pytest.mark.parametrize(
    ("factory", "idle", "whole"),
    [
        (AdviserFactory, 60, 12 * 60),
        pytest.param(RgcFactory, 60, 12 * 60, marks=pytest.mark.thorough),
        pytest.param(AgentFactory, 30, 8 * 60, marks=pytest.mark.thorough),
        (FtAdminFactory, 30, 8 * 60),
    ],
)
def test_a_session_ends_when_idle_and_after_a_day_whatever_happens(
    client, factory, idle, whole
):
    """S13: staff of France Travail have shorter limits."""
    page = reverse("profile")
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, factory())
        clock.shift(dt.timedelta(minutes=idle))
        assert client.get(page).status_code == 200
        clock.shift(dt.timedelta(minutes=idle, seconds=1))
        assert client.get(page).status_code == 302

        sign_in(client, factory())
        began = clock.shift(0) or dt.datetime.now(PARIS)
        while dt.datetime.now(PARIS) + dt.timedelta(minutes=20) <= began + dt.timedelta(
            minutes=whole
        ):
            clock.shift(dt.timedelta(minutes=20))
            assert client.get(page).status_code == 200
        clock.shift(dt.timedelta(minutes=20))
        assert client.get(page).status_code == 302


def test_a_session_that_ended_says_so_and_keeps_the_page_asked_for(client):
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, AdviserFactory())
        clock.shift(dt.timedelta(minutes=61))
        response = client.get("/profil/?a=1")
        page = client.get(response.url)

    assert response.url == "/connexion/?next=%2Fprofil%2F%3Fa%3D1"
    assert "fermée après 60 minutes sans activité" in page.text
    assert 'value="/profil/?a=1"' in page.text


def test_a_form_sent_after_the_end_is_given_back_not_lost(client):
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, RgcFactory())
        clock.shift(dt.timedelta(minutes=61))
        response = client.post(
            reverse("account_add"),
            {"last_name": "Durand-Gardé"},
            headers={"sec-fetch-site": "same-origin"},
        )

    assert response.status_code == 403
    assert 'name="last_name" value="Durand-Gardé"' in response.text
    assert not response.wsgi_request.user.is_authenticated


def test_the_password_alone_lasts_half_an_hour(client, adviser):
    with time_machine.travel(MORNING, tick=False) as clock:
        give_password(client, adviser.identifier)
        clock.shift(dt.timedelta(minutes=29))
        assert client.get(reverse("login_code")).status_code == 200
        clock.shift(dt.timedelta(minutes=2))
        assert client.get(reverse("login_code")).url.startswith("/connexion/?next")


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page(client):
    response = client.get("/", headers={"hx-request": "true"})

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/connexion/?next=/"


def test_the_charter_comes_before_the_first_page_and_is_kept_with_its_version(client):
    adviser = AdviserFactory(charter=None)
    sign_in(client, adviser)

    sent = client.get(reverse("profile")).status_code, client.get("/").url
    unticked = client.post(reverse("charter"), {"next": "/"})
    ticked = client.post(reverse("charter"), {"next": "/", "accepted": "on"})

    assert sent == (200, "/charte/?next=%2F")
    assert "Cochez la case" in unticked.text
    assert ticked.url == "/"
    assert client.get("/").status_code == 200
    acceptance = adviser.charters.get()
    assert acceptance.version == settings.CHARTER_VERSION
    entries = AuditEntry.objects.filter(action="charter_accepted")
    assert [entry.details for entry in entries] == [{"version": acceptance.version}]


LAST_DAYS = [
    dt.date(2026, 12, 31),
    dt.date(2026, 10, 25),  # The clocks go back.
    dt.date(2027, 3, 28),  # The clocks go forward.
]


@pytest.mark.parametrize("last_day", LAST_DAYS)
def test_a_convention_opens_until_the_last_second_of_its_last_day_in_paris(
    client, last_day
):
    """R12: by a predicate on the date; no job has run."""
    structure = StructureFactory(convention=None)
    ConventionFactory(
        structure=structure,
        number="2024-38-117",
        ends_on=last_day,
        ft_contact="Mme Durand, agence de Villefontaine",
    )
    people = [AdviserFactory(structure=structure), RgcFactory(structure=structure)]
    end = dt.datetime.combine(last_day, dt.time(23, 59, 59), PARIS)

    for person in people:
        browser = another_browser()
        with time_machine.travel(end, tick=False):
            sign_in(browser, person)
            assert browser.get("/").status_code == 200
        midnight = (end + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0)
        with time_machine.travel(midnight, tick=False):
            response = browser.get("/")
            assert response.status_code == 403
            assert "n° 2024-38-117 de votre structure a pris fin" in response.text
            assert "Mme Durand, agence de Villefontaine" in response.text
            assert browser.post(reverse("logout")).status_code == 302


def test_a_convention_opens_on_its_first_day_not_before(client):
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, starts_on=dt.date(2026, 12, 1))
    adviser = AdviserFactory(structure=structure)

    with time_machine.travel(dt.datetime(2026, 11, 30, 23, 59, tzinfo=PARIS)):
        response = sign_in(another_browser(), adviser).get("/")
        assert response.status_code == 403
        assert "prend effet le 1er décembre 2026" in response.text
    with time_machine.travel(dt.datetime(2026, 12, 1, 0, 0, tzinfo=PARIS)):
        assert sign_in(another_browser(), adviser).get("/").status_code == 200


def test_a_terminated_convention_closes_at_once_and_says_since_when(client):
    """S14, R12."""
    structure = StructureFactory()
    sign_in(client, AdviserFactory(structure=structure))
    assert client.get("/").status_code == 200

    with time_machine.travel(MORNING, tick=False):
        end_at_once(structure.conventions.get())
    response = client.get("/")

    assert response.status_code == 403
    assert "a pris fin aujourd’hui à" in response.text
    entry = AuditEntry.objects.get(action="access_refused")
    # The sentence names whom to ask: it stays on the page.
    assert entry.refused == "convention ou nomination"


def test_a_structure_whose_convention_is_a_draft_is_told_to_wait(client):
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, draft=True)
    sign_in(client, RgcFactory(structure=structure))

    response = client.get("/")

    assert response.status_code == 403
    assert "n’est pas encore signée" in response.text


def test_an_rgc_whose_nomination_is_not_accepted_yet_waits(client):
    rgc = RgcFactory(in_office=False)
    NominationFactory(
        person=rgc,
        convention=rgc.structure.conventions.get(),
        state=NominationState.PROPOSED,
    )
    sign_in(client, rgc)

    assert client.get("/").status_code == 403


def test_an_adviser_has_no_business_in_the_administration_of_accounts(
    as_adviser, adviser
):
    """S21: a refusal is a sentence, and a line of the journal."""
    response = as_adviser.get(reverse("accounts"))

    assert response.status_code == 403
    assert "réservée au responsable de gestion des comptes" in response.text
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("access_refused", adviser.identifier)
    assert entry.details == {"path": "/comptes/"}


def test_a_service_that_the_convention_does_not_grant_is_refused_with_its_article(
    client,
):
    """S21."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, grants_consultation=False)
    sign_in(client, AdviserFactory(structure=structure))

    response = client.get(reverse("offers"), {"lieu": ""})

    assert response.status_code == 403
    assert "annexe 1" in response.text
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details["service"]) == (
        "access_refused",
        "consultation",
    )


def test_the_gates_ask_three_questions_of_the_database(
    as_adviser, django_assert_num_queries
):
    """Session, user with the second factor, convention; then the page's own eight."""
    as_adviser.get(reverse("profile"))  # Writes the token of its forms once.

    with django_assert_num_queries(3 + 8):
        as_adviser.get(reverse("profile"))


def test_every_cookie_is_bound_to_the_host_and_hidden_from_scripts(client, adviser):
    """S18."""
    responses = [client.get(reverse("login"))]
    responses.append(give_password(client, adviser.identifier))
    responses.append(client.post(reverse("login_code"), {"code": "000000"}))

    cookies = [cookie for response in responses for cookie in response.cookies.values()]
    assert cookies
    for cookie in cookies:
        assert cookie.key.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == (
            "Lax",
            "/",
            "",
        )
