"""What was typed survives each gate: second factor, charter, ceiling."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.security import personal_data_quotas
from accounts.signin import sessions
from accounts.users.models import User
from opus.lib.audit.journal import Action
from tests.accounts.authenticator import (
    Authenticator,
    enrol_passkey,
    options_of,
    origin,
)
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.accounts.journal import somebody
from tests.accounts.journeys import another_browser, code_of
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.forms import Form, forms_of
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

OURS = {"sec-fetch-site": "same-origin"}
ADD = "account_add"
SAMIR = {
    "first_name": "Samir",
    "last_name": "Haddad",
    "email": "samir.haddad@ccas.example",
}
GIVEN_BACK = "C’est confirmé : vos réponses sont gardées"


@pytest.fixture
def late(client) -> User:
    """An RGC whose second factor is 16 minutes old."""
    rgc = RgcFactory()
    sign_in(client, rgc)
    grow_old(client)
    return rgc


def grow_old(client: Client) -> None:
    session = client.session
    session[sessions.CONFIRMED] -= 16 * 60
    session.save()


def send(client: Client, address: str, data: dict[str, Any], **headers: str) -> Any:
    """As a browser does: what is moved with 307 is sent again, as it was."""
    return client.post(address, data, headers=OURS | headers, follow=True)


def form_to(response: Any, address: str) -> Form:
    [form] = [form for form in forms_of(response) if form.action == address]
    return form


def words(response: Any) -> str:
    return Page.of(response).one("main").words()


def test_what_was_typed_waits_behind_the_second_factor_and_is_sent_by_one_button(
    client, late
):
    """Without JavaScript; a wrong code loses nothing."""
    address = reverse(ADD)

    gate = send(client, address, SAMIR)
    gate_form = form_to(gate, reverse("step_up"))
    wrong = send(client, gate_form.action, gate_form.data(code="000000"))
    gate_form = form_to(wrong, reverse("step_up"))
    passed = send(client, gate_form.action, gate_form.data(code=code_of(late)))

    assert gate.redirect_chain[0][1] == 307
    assert "Vos réponses sont gardées" in words(gate)
    assert "Un point est à corriger" not in gate.text
    assert "Ce code n’est pas le bon" in wrong.text
    assert GIVEN_BACK in words(passed)
    assert "Vos 3 réponses" in words(passed)
    assert "samir.haddad@ccas.example" in words(passed)
    assert not User.objects.filter(first_name="Samir").exists()
    form = form_to(passed, address)
    assert {name: form.values[name] for name in SAMIR} == {
        name: [value] for name, value in SAMIR.items()
    }
    assert client.post(form.action, form.data(), headers=OURS).status_code == 200
    assert User.objects.get(first_name="Samir").email == SAMIR["email"]


def test_a_second_click_on_the_code_gives_the_answers_back_too(client, late):
    gate_form = form_to(send(client, reverse(ADD), SAMIR), reverse("step_up"))
    data = gate_form.data(code=code_of(late))

    answers = [send(client, gate_form.action, data) for _ in range(2)]

    assert [GIVEN_BACK in words(answer) for answer in answers] == [True, True]


def test_a_passkey_gives_the_answers_back_too(client, late):
    key = Authenticator()
    enrol_passkey(sign_in(another_browser(), late), key)
    late.refresh_from_db()  # Its other sessions have ended.
    grow_old(sign_in(client, late))
    form = form_to(send(client, reverse(ADD), SAMIR), reverse("passkey_confirm"))
    signed = key.get(options_of(client, "passkey_options"), origin())

    passed = send(client, form.action, form.data(credential=signed))

    assert GIVEN_BACK in words(passed)
    assert form_to(passed, reverse(ADD)).values["last_name"] == ["Haddad"]


def test_the_administrations_forms_are_given_back_with_their_lines(as_ft_admin):
    """To add, to change, and a verb."""
    grow_old(as_ft_admin)
    account, message = AdviserFactory(), "Une ligne,\r\npuis une autre"
    base = reverse("admin:accounts_user_change", args=[account.pk])

    add, verb = reverse("admin:accounts_user_add"), action_url(account, "suspendre")
    for address in [add, base, verb]:
        gate = send(as_ft_admin, address, {"function": message, "_save": "Enregistrer"})
        form = form_to(gate, reverse("step_up"))
        assert form.values["repris:function"] == [message]
        assert form.values["repris:_save"] == ["Enregistrer"]
        assert form.values["next"] == [address]


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (SAMIR, {"sec-fetch-site": "cross-site"}),
        (SAMIR, {"hx-request": "true"}),
        (SAMIR | {"password": "Opus-demo"}, {}),
        ({"key": "3f2a", "first_name": " "}, {}),
    ],
)
def test_a_strangers_form_a_secret_or_nothing_typed_is_never_carried(
    client, late, data, headers
):
    """S29: the gate then leads back to the page, as it did."""
    response = client.post(
        reverse(ADD),
        data,
        headers=OURS | {"referer": "https://localhost/comptes/nouveau/"} | headers,
    )

    assert response.status_code in {200, 302}
    sent = response.headers.get("HX-Redirect") or response.url
    assert sent == "/connexion/confirmer/?next=%2Fcomptes%2Fnouveau%2F"


def test_answers_are_laid_before_nobody_who_did_not_send_them(client, late):
    """S29: neither the address of the gate alone, nor a stranger's ``next``."""
    gate = f"{reverse('step_up')}?repris=1&next=https://evil.example/"

    foreign = client.post(gate, SAMIR, headers={"sec-fetch-site": "cross-site"})
    gate_form = form_to(send(client, gate, SAMIR), reverse("step_up"))
    passed = client.post(gate_form.action, gate_form.data(code=code_of(late)))

    assert "Haddad" not in foreign.text
    assert "next" not in gate_form.values
    assert (passed.status_code, passed.url) == (302, "/")


def test_a_new_charter_keeps_what_was_typed(as_adviser, settings, tmp_path, adviser):
    """With the form's own ``next``."""
    candidate = CandidateFactory(adviser=adviser)
    settings.CHARTER_VERSION = "2027-06"
    folder = tmp_path / "accounts" / "signin" / "charters"
    folder.mkdir(parents=True)
    (folder / "2027-06.html").write_text("<p>Une règle de plus.</p>", encoding="utf-8")
    [templates] = settings.TEMPLATES
    settings.TEMPLATES = [{**templates, "DIRS": [tmp_path, *templates["DIRS"]]}]
    address = reverse("candidate_edit", args=[candidate.pk])

    gate = send(as_adviser, address, {"last_name": "Haddad", "next": "/offres/"})
    form = form_to(gate, reverse("charter"))
    refused = send(as_adviser, form.action, form.data())
    form = form_to(refused, reverse("charter"))
    passed = send(as_adviser, form.action, form.data(accepted="on"))

    assert "Cochez la case" not in gate.text
    assert "Cochez la case" in refused.text
    assert GIVEN_BACK in words(passed)
    given = form_to(passed, address)
    assert (given.values["last_name"], given.values["next"]) == (
        ["Haddad"],
        ["/offres/"],
    )


def test_a_ceiling_gives_the_answers_back_with_the_time_to_wait(as_adviser, adviser):
    """The list on the page of a new person shows one person too many."""
    CandidateFactory(adviser=adviser, first_name="Samir", last_name="Haddad")
    seen = {somebody() for _ in range(settings.DETECTION.persons_an_hour)}
    personal_data_quotas.show(adviser, Action.PERSONS_LISTED, seen)
    address = reverse("candidate_add")
    data = {"first_name": "Samir", "last_name": "Haddad", "birth_date": "1990-02-01"}

    response = as_adviser.post(address, data, headers=OURS)

    assert response.status_code == 429
    assert "Haddad" in words(response)
    assert form_to(response, address).values["birth_date"] == ["1990-02-01"]
    elsewhere = as_adviser.post(address, data)
    assert elsewhere.status_code == 429
    assert "Haddad" not in elsewhere.text
