"""From the slip to the first page: a single-use secret, then a password (S9)."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.team import actions
from accounts.users.enums import UserState
from accounts.users.models import FirstAccess
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import PASSWORD, AdviserFactory, RgcFactory
from tests.accounts.journeys import code_of, give_code, give_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

NEW = "cinq mots choisis par moi seul"


def open_slip(client, identifier, secret):
    data = {"identifier": identifier, "secret": secret}
    return client.post(reverse("first_access"), data)


def choose(client, password=NEW, again=None):
    data = {"password1": password, "password2": again or password}
    return client.post(reverse("first_access_password"), data)


@pytest.fixture
def newcomer():
    rgc = RgcFactory()
    account, secret = actions.open_account(
        by=rgc,
        first_name="Zoé",
        last_name="Durand",
        email="zoe.durand@partenaire.example",
    )
    return account, secret


def test_a_slip_leads_to_a_password_a_factor_the_charter_and_the_first_page(
    client, newcomer
):
    account, secret = newcomer
    steps = []

    steps.append(open_slip(client, account.identifier, secret.lower()).url)
    steps.append(choose(client).url)
    steps.append(client.get(steps[-1]).url)
    client.get(reverse("enrol_factor"))
    code = account.totpdevice_set.get().current_token()
    codes = client.post(reverse("enrol_factor"), {"code": code})
    steps.append(client.get("/").url)
    client.post(reverse("charter"), {"accepted": "on"})

    assert client.get("/").status_code == 200
    assert steps == [
        "/premier-acces/mot-de-passe/",
        "/connexion/code/",
        "/connexion/facteur/",
        "/charte/?next=%2F",
    ]
    assert "Vos codes de secours" in codes.text
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    assert account.check_password(NEW)
    assert account.last_login is not None
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "account_opened",
        "first_factor_proved",
        "first_access",
        "factor_enrolled",
        "charter_accepted",
    ]


def test_used_expired_replaced_wrong_and_unknown_secrets_get_one_answer(client):
    """S7, S9."""
    used = AdviserFactory(created=True)
    access, used_secret = FirstAccess.draw(used, by=None)
    FirstAccess.objects.filter(pk=access.pk).update(used_at=timezone.now())
    expired = AdviserFactory(created=True)
    before = timezone.now() - dt.timedelta(hours=72, seconds=1)
    with time_machine.travel(before, tick=False):
        _, expired_secret = FirstAccess.draw(expired, by=None)
    replaced = AdviserFactory(created=True)
    _, replaced_secret = FirstAccess.draw(replaced, by=None)
    FirstAccess.draw(replaced, by=None)
    suspended = AdviserFactory(suspended=True)
    _, suspended_secret = FirstAccess.draw(suspended, by=None)
    tries = [
        (used.identifier, used_secret),
        (expired.identifier, expired_secret),
        (replaced.identifier, replaced_secret),
        (replaced.identifier, "AAAAA-AAAAA-AAAAA-AAAAA"),
        (suspended.identifier, suspended_secret),
        (AdviserFactory().identifier, used_secret),
        ("IDA-ZZZZ", used_secret),
    ]

    answers = [open_slip(client, *typed) for typed in tries]

    said = {
        (answer.status_code, answer.context["form"].non_field_errors().as_text())
        for answer in answers
    }
    assert len(said) == 1
    assert "demandez une nouvelle fiche" in said.pop()[1]


def test_every_failure_costs_one_hash(client, counting_hasher):
    """S7."""
    known = AdviserFactory(created=True)
    FirstAccess.draw(known, by=None)
    costs = []
    for identifier in [known.identifier, AdviserFactory().identifier, "IDA-ZZZZ"]:
        counting_hasher.reset()
        open_slip(client, identifier, "AAAAA-AAAAA-AAAAA-AAAAA")
        costs.append(counting_hasher.count)

    assert costs == [1, 1, 1]


def test_the_secret_serves_once_even_in_two_windows(client, newcomer):
    """S9."""
    account, secret = newcomer
    other = type(client)(SERVER_NAME="localhost", headers={"host": "localhost"})
    open_slip(client, account.identifier, secret)
    open_slip(other, account.identifier, secret)

    choose(client)
    late = choose(other, "une autre phrase, trop tard")

    assert late.url == reverse("first_access")
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert open_slip(other, account.identifier, secret).status_code == 200


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("trop court", None, "au moins 15"),
        (NEW, "une autre phrase que celle-ci", "diffèrent"),
        ("Opus-France-Travail-2026", None, "faciles à deviner"),
        ("", "", "obligatoire"),
    ],
)
def test_a_poor_password_is_refused_and_the_secret_still_serves(
    client, newcomer, password, again, said
):
    account, secret = newcomer
    open_slip(client, account.identifier, secret)

    response = choose(client, password, again)

    assert response.status_code == 200
    assert said in response.text
    assert choose(client).url == reverse("login_code")


def test_without_the_secret_nobody_reaches_the_choice_of_a_password(client, newcomer):
    assert client.get(reverse("first_access_password")).url == reverse("first_access")
    assert choose(client).url == reverse("first_access")


def test_the_choice_of_a_password_ends_with_the_72_hours(client, newcomer):
    account, secret = newcomer
    open_slip(client, account.identifier, secret)

    with time_machine.travel(timezone.now() + dt.timedelta(hours=72)):
        response = choose(client)

    assert response.url in {reverse("first_access"), "/connexion/?next="}
    account.refresh_from_db()
    assert not account.has_usable_password()


def test_a_new_slip_does_not_get_round_the_second_factor(client, adviser):
    """S8."""
    rgc = RgcFactory(structure=adviser.structure)
    secret = actions.renew_first_access(adviser, by=rgc, check_done="piece")
    open_slip(client, adviser.identifier, secret)

    assert choose(client).url == reverse("login_code")
    assert client.get(reverse("enrol_factor")).url == reverse("login_code")
    assert client.get("/").url == "/connexion/code/?next=%2F"
    assert give_code(client, code_of(adviser)).url == "/"


def test_a_new_password_closes_the_sessions_and_lifts_the_lock_of_the_old_one(
    client, adviser
):
    """S8, S14; the lock ends by a reset."""
    rgc = RgcFactory(structure=adviser.structure)
    other = type(client)(SERVER_NAME="localhost", headers={"host": "localhost"})
    give_password(other, adviser.identifier)
    give_code(other, code_of(adviser))
    for _ in range(6):
        give_password(client, adviser.identifier, "un tout autre mot de passe")
    assert give_password(client, adviser.identifier).status_code == 429

    secret = actions.renew_first_access(adviser, by=rgc, check_done="piece")
    open_slip(client, adviser.identifier, secret)
    choose(client)

    assert other.get("/").url == "/connexion/?next=%2F"
    assert give_password(other, adviser.identifier, PASSWORD).status_code == 200
    assert give_password(other, adviser.identifier, NEW).status_code == 302


def test_the_secret_is_long_enough_and_kept_only_as_a_hash(newcomer):
    """S9: 16 characters at least, drawn by Opus."""
    account, secret = newcomer
    access = account.first_accesses.get()

    assert len(secret.replace("-", "")) == 20
    assert access.secret_hash.startswith("argon2$argon2id$")
    assert secret.replace("-", "") not in str(list(FirstAccess.objects.values()))
