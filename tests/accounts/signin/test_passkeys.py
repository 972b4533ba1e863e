"""Passkeys: alone they open, and they alone; what is not theirs opens nothing (S2)."""

import datetime as dt
import json

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.signin.models import Passkey
from accounts.users.enums import Role, UserState
from opus.lib.audit.models import AuditEntry
from tests.accounts.authenticator import (
    Authenticator,
    enrol_passkey,
    give_passkey,
    options_of,
    origin,
    to_bytes,
)
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
)
from tests.accounts.journeys import another_browser, give_password
from tests.cases import each_case
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

WRONG = "un tout autre mot de passe"


def with_passkey(user, **options) -> Authenticator:
    """A passkey of theirs, added through the front door of another browser."""
    key = Authenticator(**options)
    enrol_passkey(sign_in(another_browser(), user), key)
    assert Passkey.objects.filter(user=user, credential_id=key.id).exists()
    user.refresh_from_db()  # Its other sessions have ended.
    return key


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_a_passkey_alone_opens_with_both_factors(client, rgc):
    """S2, S13, S17: a new session id, and a quarter of an hour of sensitive acts."""
    key = with_passkey(rgc)
    client.get(reverse("login"))
    options = options_of(client, "passkey_options")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    answer = key.get(options, origin())
    response = client.post(reverse("passkey_login"), {"credential": answer})

    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert response.url == "/"
    assert client.get("/").status_code == 200
    assert client.get(reverse("account_add")).status_code == 200
    assert before != after
    assert not Session.objects.filter(session_key=before).exists()
    entry = AuditEntry.objects.get(action="sign_in")
    assert (entry.actor, entry.details) == (rgc.identifier, {"factor": "passkey"})
    rgc.refresh_from_db()
    assert rgc.last_login is not None


@pytest.mark.parametrize(
    ("wanted", "led_to"), [("/profil/", "/profil/"), ("https://voleur.example/", "/")]
)
def test_a_passkey_leads_to_the_page_that_was_asked_for_of_this_site(
    client, wanted, led_to
):
    key = with_passkey(AdviserFactory())
    answer = key.get(options_of(client, "passkey_options"), origin())

    there = {"credential": answer, "next": wanted}
    response = client.post(reverse("passkey_login"), there)

    assert response.url == led_to


def test_to_a_stranger_the_options_name_no_key_and_ask_the_holders_check(client):
    """S7: they would else tell who has an account."""
    with_passkey(AdviserFactory())

    options = options_of(client, "passkey_options")

    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"


def test_a_new_passkey_must_check_its_holder_and_stand_in_the_device(client):
    """S2: user verification and resident keys, or it could not serve alone."""
    options = options_of(sign_in(client, AdviserFactory()), "passkey_new_options")

    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"


def test_after_the_password_the_passkey_is_the_second_factor(client, adviser):
    key = with_passkey(adviser)
    give_password(client, adviser.identifier)
    page = client.get(reverse("login_code"))

    options = options_of(client, "passkey_options")
    response = client.post(
        reverse("passkey_login"), {"credential": key.get(options, origin())}
    )

    assert "Utiliser ma clé d’accès" in page.text
    assert [to_bytes(one["id"]) for one in options["allowCredentials"]] == [key.id]
    assert response.url == "/"
    assert client.get("/").status_code == 200


def test_after_one_persons_password_anothers_passkey_is_refused(client):
    adviser, other = AdviserFactory(), AdviserFactory()
    key = with_passkey(other)
    give_password(client, adviser.identifier)

    response = give_passkey(client, key)

    assert response.status_code == 200
    assert "celle d’un autre compte" in response.text
    assert client.get("/").url == "/connexion/code/?next=%2F"
    entry = last_entry()
    assert (entry.action, entry.refused) == ("sign_in_refused", "clé d’un autre")
    assert entry.target_id == str(other.pk)


def test_an_unknown_passkey_is_refused_and_told(client):
    response = give_passkey(client, Authenticator())

    assert response.status_code == 200
    assert "n’est pas enregistrée dans Opus" in response.text
    assert "<title>Erreur" in response.text
    entry = last_entry()
    assert (entry.action, entry.actor, entry.target_id, entry.refused) == (
        "sign_in_refused",
        "",
        "",
        "clé inconnue",
    )
    assert entry.details == {"door": "cle"}


@pytest.mark.parametrize("state", [UserState.SUSPENDED, UserState.CLOSED])
def test_the_passkey_of_a_suspended_or_closed_account_opens_nothing(
    client, state, adviser
):
    """S14."""
    key = with_passkey(adviser)
    verb = "suspend" if state == UserState.SUSPENDED else "close"
    getattr(adviser, verb)(by=RgcFactory(structure=adviser.structure), reason="perte")

    response = give_passkey(client, key)

    assert response.status_code == 200
    assert f"Votre compte est {UserState(state).label} :" in response.text
    assert client.get("/").url == "/connexion/?next=/"
    entry = last_entry()
    assert (entry.action, entry.refused) == ("sign_in_refused", "compte fermé")
    assert entry.target_id == str(adviser.pk)


def unchecked(key: Authenticator) -> None:
    """Without its holder's check it would be one factor only."""
    key.verifies = False


def of_another_site(key: Authenticator) -> None:
    """What makes a passkey proof against phishing."""
    key.origin = "https://opus-france-travail.example"


def of_a_thief(key: Authenticator) -> None:
    key.key = Authenticator().key


def copied(key: Authenticator) -> None:
    """A copy is behind the one that its holder went on using."""
    Passkey.objects.update(sign_count=8)
    key.count = 5


@pytest.mark.parametrize("spoil", [unchecked, of_another_site, of_a_thief, copied])
def test_a_signature_that_proves_nothing_opens_nothing(client, spoil):
    """S2."""
    key = with_passkey(AdviserFactory())
    spoil(key)

    response = give_passkey(client, key)

    assert "ne peut pas vérifier" in response.text
    assert last_entry().refused == "réponse non valide"
    assert client.get("/").status_code == 302
    assert Passkey.objects.get().sign_count == (8 if spoil is copied else 0)


def test_an_answer_serves_once(client):
    key = with_passkey(AdviserFactory())
    answer = key.get(options_of(client, "passkey_options"), origin())
    client.post(reverse("passkey_login"), {"credential": answer})
    client.post(reverse("logout"))
    options_of(client, "passkey_options")

    response = client.post(reverse("passkey_login"), {"credential": answer})

    assert response.status_code == 200
    assert not response.wsgi_request.user.is_authenticated


def test_an_answer_without_its_question_opens_nothing(client):
    key = with_passkey(AdviserFactory())
    answer = key.get(options_of(another_browser(), "passkey_options"), origin())

    response = client.post(reverse("passkey_login"), {"credential": answer})

    assert "La demande a expiré" in response.text


def test_a_refused_answer_has_used_its_question_up(client):
    key = with_passkey(AdviserFactory())
    options = options_of(client, "passkey_options")
    client.post(reverse("passkey_login"), {"credential": "{}"})

    answer = key.get(options, origin())
    response = client.post(reverse("passkey_login"), {"credential": answer})

    assert "La demande a expiré" in response.text


JUNK = {
    "nothing": "",
    "no json": "{",
    "a list": "[]",
    "a number": "1e400",
    "no fields": "{}",
    "a wrong id": '{"id": 1, "rawId": "é"}',
    "odd base64": '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
    "a deep list": "[" * 15_000,
    "a null character": json.dumps({"rawId": "\0", "id": "\0"}),
    "too long": "x" * 30_000,
}


@pytest.mark.at_each_run(4)
@pytest.mark.parametrize("door", ["passkey_login", "passkey_confirm"])
@pytest.mark.parametrize("junk", JUNK.values(), ids=list(JUNK))
def test_junk_at_the_door_is_an_answer_not_a_breakdown(client, door, junk):
    if door == "passkey_confirm":
        sign_in(client, AdviserFactory())
    options_of(client, "passkey_options")

    response = client.post(reverse(door), {"credential": junk})

    assert response.status_code == 200
    assert "opus-error-summary" in response.text


@each_case("part", ["authenticatorData", "clientDataJSON", "signature"])
@each_case("bytes_", ["AAAA", "oQ", "¤", "_____w"], at_each_run=2)
def test_a_spoilt_answer_is_refused(client, part, bytes_):
    key = with_passkey(AdviserFactory())
    answer = json.loads(key.get(options_of(client, "passkey_options"), origin()))
    answer["response"][part] = bytes_

    response = client.post(reverse("passkey_login"), {"credential": json.dumps(answer)})

    assert response.status_code == 200
    assert "ne peut pas vérifier" in response.text


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON"])
@pytest.mark.parametrize("bytes_", ["AAAA", "oQ", "¤", "o2NmbXRkbm9uZQ"])
def test_a_spoilt_new_passkey_is_refused(as_adviser, part, bytes_):
    made = Authenticator().create(
        options_of(as_adviser, "passkey_new_options"), origin()
    )
    answer = json.loads(made)
    answer["response"][part] = bytes_

    response = as_adviser.post(
        reverse("factor_add_passkey"), {"credential": json.dumps(answer)}
    )

    assert response.status_code == 200
    assert "ne peut pas vérifier" in response.text
    assert not Passkey.objects.exists()


def test_an_address_with_fifteen_failures_is_shut_at_this_door_too(client):
    """S6: even for the right passkey, until ten minutes have passed."""
    key = with_passkey(AdviserFactory())
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(15):
            assert give_passkey(client, Authenticator()).status_code == 200
        response = give_passkey(client, key)
        elsewhere = give_passkey(another_browser(REMOTE_ADDR="203.0.113.9"), key)
    with time_machine.travel(start + dt.timedelta(minutes=10), tick=False):
        later = give_passkey(client, key)

    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert "Trop d’essais" in response.text
    assert elsewhere.url == "/"
    assert later.url == "/"


def test_a_passkey_opens_while_the_password_is_locked_and_ends_the_lock(
    client, adviser
):
    key = with_passkey(adviser)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for n in range(10):
            clock.shift(dt.timedelta(minutes=5))
            other = another_browser(REMOTE_ADDR=f"203.0.113.{n}")
            give_password(other, adviser.identifier, WRONG)
        assert give_password(client, adviser.identifier).status_code == 429

        opened = give_passkey(client, key)
        client.post(reverse("logout"))
        password = give_password(client, adviser.identifier)

    assert opened.url == "/"
    assert password.url == reverse("login_code")


def test_a_passkey_confirms_who_one_is_before_a_sensitive_act(client, rgc):
    """S17."""
    key = with_passkey(rgc)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, rgc)
    with time_machine.travel(start + dt.timedelta(minutes=16), tick=False):
        asked = client.get(reverse("account_add"))
        page = client.get(asked.url)
        give_passkey(client, key, to="passkey_confirm")
        after = client.get(reverse("account_add"))

    assert asked.url == "/connexion/confirmer/?next=%2Fcomptes%2Fnouveau%2F"
    assert "Utiliser ma clé d’accès" in page.text
    assert after.status_code == 200
    entry = AuditEntry.objects.get(action="identity_confirmed")
    assert entry.details == {"factor": "passkey"}


def test_anothers_passkey_confirms_nothing(client, rgc):
    key = with_passkey(AdviserFactory())
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, rgc)
    with time_machine.travel(start + dt.timedelta(minutes=16), tick=False):
        response = give_passkey(client, key, to="passkey_confirm")

        assert "celle d’un autre compte" in response.text
        assert client.get(reverse("account_add")).status_code == 302


@pytest.mark.parametrize(
    "factory", [AdviserFactory, RgcFactory, AgentFactory, FtAdminFactory]
)
def test_everybody_may_enrol_a_passkey_first_and_it_completes_the_first_access(
    client, factory
):
    """S1, S2, S27: staff like partners."""
    person = factory(factor=None, state=UserState.CREATED)
    key = Authenticator()
    give_password(client, person.identifier)
    page = client.get(client.get(reverse("login_code")).url)

    response = enrol_passkey(client, key, to="enrol_passkey", name="ordinateur")

    person.refresh_from_db()
    assert page.text.index("Une clé d’accès (recommandé)") < page.text.index(
        "Une application d’authentification"
    )
    assert response.status_code == 200
    assert "Vos codes de secours" in response.text
    assert person.state == UserState.ACTIVE
    assert [factor.name for factor in person.factors] == ["ordinateur"]
    assert person.backup_codes.left == 10
    entry = AuditEntry.objects.get(action="factor_enrolled")
    assert entry.details["factor"] == "passkey"
    home = "admin:index" if person.role in {Role.AGENT, Role.FT_ADMIN} else "home"
    assert client.get(reverse(home)).status_code == 200


def test_the_password_alone_may_not_add_a_passkey_beside_the_factor_it_lacks(
    client, adviser
):
    """S1."""
    give_password(client, adviser.identifier)

    options = client.post(reverse("passkey_new_options"))
    response = client.post(reverse("enrol_passkey"), {"credential": "{}"})

    assert options.status_code == 403
    assert "déjà enregistré" in options.json()["detail"]
    assert response.url == reverse("login_code")
    assert not Passkey.objects.exists()


def test_two_windows_of_one_first_access_enrol_one_first_factor(client):
    """S1: the second finds that the password alone may add no more."""
    adviser = AdviserFactory(factor=None)
    other = another_browser()
    give_password(client, adviser.identifier)
    give_password(other, adviser.identifier)
    late = Authenticator().create(options_of(other, "passkey_new_options"), origin())
    enrol_passkey(client, Authenticator(), to="enrol_passkey")

    response = other.post(reverse("enrol_passkey"), {"credential": late})

    assert response.status_code == 302
    assert Passkey.objects.count() == 1


def test_options_are_not_given_when_the_last_proof_is_old(client):
    """S17: a script is told by a sentence, not by a page."""
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, AdviserFactory())
    with time_machine.travel(start + dt.timedelta(minutes=16), tick=False):
        response = client.post(reverse("passkey_new_options"))

    assert response.status_code == 403
    assert "plus de 15 minutes" in response.json()["detail"]


def test_a_new_passkey_that_did_not_check_its_holder_is_refused(as_adviser):
    response = enrol_passkey(as_adviser, Authenticator(verifies=False))

    assert "ne peut pas vérifier" in response.text
    assert not Passkey.objects.exists()


def test_one_passkey_is_of_one_account(as_adviser):
    key = with_passkey(AdviserFactory())

    response = enrol_passkey(as_adviser, key)

    assert "déjà enregistrée" in response.text
    assert Passkey.objects.count() == 1


def test_a_known_device_is_named_so_that_it_makes_no_second_passkey(client, adviser):
    key = with_passkey(adviser)

    options = options_of(sign_in(client, adviser), "passkey_new_options")

    assert [to_bytes(one["id"]) for one in options["excludeCredentials"]] == [key.id]


def test_passkeys_that_are_not_named_get_a_name_each(client, adviser):
    with_passkey(adviser)
    with_passkey(adviser)

    names = sorted(factor.name for factor in adviser.passkey_set.all())

    assert names == ["Clé d’accès", "Clé d’accès 2"]


def test_the_relying_party_is_the_first_host_and_its_origins_are_https():
    """S2: as a deployment would read it, in a process of its own."""
    assert settings.OTP_WEBAUTHN_RP_ID == "localhost"
    assert [
        address.startswith("http://localhost:")
        for address in settings.OTP_WEBAUTHN_ALLOWED_ORIGINS
    ] == [True]
