"""Signing in: two factors, one sentence for every failure, nothing left behind."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.signin.models import Throttle
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import PASSWORD, AdviserFactory, FtAdminFactory
from tests.accounts.journeys import WRONG_CODE, code_of, give_code, give_password
from tests.cases import each_case
from tests.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def journal() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "refused"))


def test_an_adviser_signs_in_with_both_factors_and_lands_on_the_first_page(
    client, adviser
):
    after_password = give_password(client, adviser.identifier.lower())
    after_code = give_code(client, code_of(adviser))
    home = client.get(after_code.url)

    assert (after_password.url, after_code.url) == (reverse("login_code"), "/")
    assert home.status_code == 200
    adviser.refresh_from_db()
    assert adviser.last_login is not None
    assert journal() == [("first_factor_proved", ""), ("sign_in", "")]


def test_the_page_asked_for_is_reached_after_both_factors(client, adviser):
    first = client.get(reverse("profile"))
    after_password = client.post(
        first.url,
        {"identifier": adviser.identifier, "password": PASSWORD, "next": "/profil/"},
    )

    after_code = client.post(
        after_password.url, {"code": code_of(adviser), "next": "/profil/"}
    )

    assert first.url == "/connexion/?next=/profil/"
    assert after_password.url == "/connexion/code/?next=%2Fprofil%2F"
    assert after_code.url == "/profil/"


OURS = ["/profil/", "/offres/?q=ma%C3%A7on&page=2", "/admin/", "/offres/188VMCV/"]
ELSEWHERE = [
    "https://voleur.example/",
    "//voleur.example",
    "/\\voleur.example",
    "javascript:alert(1)",
    # No paths of ours: a word, the name of a view, a page that does not exist.
    "abc",
    "profile",
    "admin:index",
    "./profil/",
    "/nulle-part/",
    "/profil/\0",
    "/offres/?q=%00",
    "/offres/?q=" + "x" * 20_000,
]


@each_case("there", OURS + ELSEWHERE, at_each_run=8)
def test_a_path_of_ours_is_kept_and_no_other_address(client, there):
    adviser = AdviserFactory()
    give_password(client, adviser.identifier)

    response = client.post(
        reverse("login_code"), {"code": code_of(adviser), "next": there}
    )

    assert response.url == (there if there in OURS else "/")


@pytest.mark.parametrize("then", ["abc", "profile", "https://voleur.example/"])
def test_the_door_of_the_desk_passes_on_its_own_pages_only(client, then):
    assert client.get("/admin/login/", {"next": then}).url == "/connexion/"
    kept = client.get("/admin/login/", {"next": "/admin/"}).url
    assert kept == "/connexion/?next=%2Fadmin%2F"


def test_unknown_wrong_suspended_closed_and_unused_accounts_get_one_answer(client):
    """S7."""
    known = AdviserFactory()
    tries = {
        "unknown": ("IDA-ZZZZ", PASSWORD),
        "wrong": (known.identifier, "un tout autre mot de passe"),
        "suspended": (AdviserFactory(suspended=True).identifier, PASSWORD),
        "closed": (AdviserFactory(closed=True).identifier, PASSWORD),
        "unused": (AdviserFactory(created=True, password="!").identifier, PASSWORD),
    }

    answers = set()
    for identifier, password in tries.values():
        client.cookies.clear()
        response = give_password(client, identifier, password)
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text)
        body = re.sub(r'nonce="[^"]+"', "", body)
        answers.add((response.status_code, body.replace(identifier, "…")))

    assert len(answers) == 1
    assert "Identifiant ou mot de passe incorrect" in answers.pop()[1]


def test_every_failure_costs_as_much_work(client, counting_hasher):
    """S7: one hash, as many queries; so the time of an answer tells nothing either."""
    accounts = [
        "IDA-ZZZZ",
        AdviserFactory().identifier,
        AdviserFactory(suspended=True).identifier,
        AdviserFactory(created=True, password="!").identifier,
    ]

    costs = []
    for identifier in accounts:
        client.cookies.clear()
        counting_hasher.reset()
        with CaptureQueriesContext(connection) as queries:
            give_password(client, identifier, "un tout autre mot de passe")
        costs.append((counting_hasher.count, len(queries)))

    assert {hashes for hashes, _ in costs} == {1}
    assert len({queries for _, queries in costs}) == 1


def test_the_journal_keeps_nothing_of_what_was_typed_at_random(client):
    give_password(client, "mon-mot-de-passe-par-erreur", "x" * 20)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("sign_in_refused", "", "")
    assert entry.details == {"door": "mot-de-passe"}
    assert not Throttle.objects.filter(key__contains="mon-mot").exists()


def test_a_wrong_code_leaves_the_session_with_the_password_alone(client, adviser):
    give_password(client, adviser.identifier)

    response = give_code(client, WRONG_CODE)

    assert response.status_code == 200
    assert "Ce code n’est pas le bon" in response.text
    assert client.get("/").url == "/connexion/code/?next=%2F"
    adviser.refresh_from_db()
    assert adviser.last_login is None


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", ""])
def test_what_is_not_six_digits_is_told_so_and_costs_no_try(client, typed, adviser):
    give_password(client, adviser.identifier)
    Throttle.objects.all().delete()

    response = give_code(client, typed)

    assert response.context["form"].errors["code"]
    assert not Throttle.objects.exists()


def test_a_code_serves_once(client, adviser):
    code = code_of(adviser)
    give_password(client, adviser.identifier)
    give_code(client, f" {code[:3]} {code[3:]} ")
    client.cookies.clear()
    give_password(client, adviser.identifier)

    response = give_code(client, code)

    assert "il a déjà servi" in response.text


def test_someone_elses_code_opens_nothing(client):
    adviser, other = AdviserFactory(), AdviserFactory(factor=None)
    other.totpdevice_set.create(
        name="autre",
        confirmed=True,
        sealed_key=other.totpdevice_set.model.vault().encrypt(b"une autre cle de 20b"),
    )
    give_password(client, adviser.identifier)

    response = give_code(client, code_of(other))

    assert response.status_code == 200
    assert not response.wsgi_request.user.is_verified()


def test_the_session_has_a_new_id_after_each_factor_and_the_old_ids_are_dead(
    client, adviser
):
    """S13."""
    client.get(reverse("login"))
    before = client.cookies.get(settings.SESSION_COOKIE_NAME)
    give_password(client, adviser.identifier)
    half = client.cookies[settings.SESSION_COOKIE_NAME].value
    give_code(client, code_of(adviser))
    whole = client.cookies[settings.SESSION_COOKIE_NAME].value

    assert len({before and before.value, half, whole}) == 3
    assert not Session.objects.filter(session_key__in=[half]).exists()
    client.cookies[settings.SESSION_COOKIE_NAME] = half
    assert client.get("/").url == "/connexion/?next=/"


def test_signing_out_ends_the_session_on_the_server_and_empties_the_cache(client):
    """S13, S30."""
    sign_in(client, AdviserFactory())
    client.get("/")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value

    response = client.post(reverse("logout"))

    assert response.url == reverse("login")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    assert journal()[-1] == ("sign_out", "")


def test_signing_out_is_no_mere_link(as_adviser):
    assert as_adviser.get(reverse("logout")).status_code == 405


def test_a_password_kept_by_an_older_hash_is_hashed_anew_by_argon2(client):
    """S5."""
    old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    adviser = AdviserFactory(password=old)

    give_password(client, adviser.identifier)

    adviser.refresh_from_db()
    assert identify_hasher(adviser.password).algorithm == "argon2"
    assert adviser.password.startswith("argon2$argon2id$")


def test_the_demo_shows_the_code_and_nothing_else_does(client, settings, adviser):
    give_password(client, adviser.identifier)

    settings.DEMO = False
    without = client.get(reverse("login_code")).text
    settings.DEMO = True
    with_code = client.get(reverse("login_code")).text

    assert code_of(adviser) in with_code
    assert "Démonstration : le code du moment" in with_code
    assert code_of(adviser) not in without


def test_a_first_factor_opens_enrolment_only_where_there_is_no_second(client, adviser):
    """S1: the password alone may not add the factor that it lacks."""
    give_password(client, adviser.identifier)

    response = client.get(reverse("enrol_factor"))

    assert response.url == reverse("login_code")
    assert adviser.totpdevice_set.count() == 1


def test_enrolment_shows_a_qr_code_and_its_key_then_opens_the_session(client):
    adviser = AdviserFactory(factor=None)
    assert give_password(client, adviser.identifier).url == reverse("login_code")
    assert client.get(reverse("login_code")).url == reverse("enrol_factor")

    page = client.get(reverse("enrol_factor"))
    device = adviser.totpdevice_set.get()
    again = client.get(reverse("enrol_factor"))
    refused = client.post(reverse("enrol_factor"), {"code": WRONG_CODE})
    device.refresh_from_db()
    was_confirmed = device.confirmed
    done = client.post(reverse("enrol_factor"), {"code": device.current_token()})

    groups = " ".join(re.findall("....", device.readable_key))
    assert groups in page.text
    assert "<svg" in page.text
    assert groups in again.text
    assert refused.status_code == 200
    assert not was_confirmed
    assert 'href="/"' in done.text
    assert client.get("/").status_code == 200
    assert journal()[-1] == ("factor_enrolled", "")


def test_staff_land_in_the_admin_after_both_factors(client):
    admin = FtAdminFactory()
    give_password(client, admin.identifier)
    give_code(client, code_of(admin))

    assert client.get("/").url == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
