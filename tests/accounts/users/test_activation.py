"""France Travail opens an account: identifier and link by two e-mails (art. 6, S9)."""

import datetime as dt
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import AgencyKind
from accounts.team import actions
from accounts.users import actions as account_opening
from accounts.users.enums import Role, UserState
from accounts.users.models import FirstAccess, User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
)
from tests.accounts.journeys import code_of, give_code
from tests.admin.registers import action_url, record_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

NEW = "cinq mots choisis par moi seul"
ADD = "admin:accounts_user_add"


def someone(**changes):
    """The form of a new account of the staff."""
    return {
        "role": Role.FT_ADMIN,
        "agency": "",
        "first_name": "Paul",
        "last_name": "Garnier",
        "email": "paul.garnier@francetravail.example",
        "phone": "",
        "function": "Directeur",
    } | changes


def newcomer(**changes):
    """An account just opened, whose two e-mails have left."""
    account = User(
        role=Role.FT_ADMIN,
        first_name="Paul",
        last_name="Garnier",
        email="paul.garnier@francetravail.example",
        **changes,
    )
    account_opening.open_account(account, by=None)
    outbox.relay()
    return account


def link_in(message):
    """The path of the activation link of a letter."""
    found = re.search(r"https?://\S+/activation/\S+", message.body)
    return urlsplit(found[0]).path if found else ""


def last_link():
    return next(path for message in reversed(mail.outbox) if (path := link_in(message)))


def whole(message):
    """All that leaves: subject, text, HTML."""
    return " ".join([message.subject, message.body, message.alternatives[0].content])


def choose(client, password=NEW):
    data = {"password1": password, "password2": password}
    return client.post(reverse("activation_password"), data)


def test_identifier_and_link_leave_by_two_letters_never_by_one():
    """S9, V17."""
    account = newcomer()
    token = account.first_accesses.get().token

    letters = [whole(message) for message in mail.outbox]

    assert [(account.identifier in text, token in text) for text in letters] == [
        (True, False),
        (False, True),
    ]
    assert [message.to for message in mail.outbox] == [[account.email]] * 2
    assert [message.subject for message in mail.outbox] == [
        "Opus : votre identifiant",
        "Opus : votre lien d’activation",
    ]


def test_the_link_leads_to_a_password_a_factor_and_the_desk(client):
    account = newcomer()
    steps = [client.get(last_link()).url]

    steps.append(client.post(steps[-1], {"identifier": account.identifier.lower()}).url)
    steps.append(choose(client).url)
    steps.append(client.get(steps[-1]).url)
    client.get(reverse("enrol_factor"))
    code = account.totpdevice_set.get().current_token()
    client.post(reverse("enrol_factor"), {"code": code})

    assert steps == [
        "/activation/",
        "/activation/mot-de-passe/",
        "/connexion/code/",
        "/connexion/facteur/",
    ]
    assert client.get(reverse("admin:index")).status_code == 200
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    assert account.check_password(NEW)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "account_opened",
        "first_factor_proved",
        "first_access",
        "factor_enrolled",
    ]


def test_an_rgc_meets_the_charter_too(client):
    rgc = RgcFactory(created=True)
    actions.send_link(rgc, by=FtAdminFactory(), check_done="piece")
    outbox.relay()
    client.get(last_link())
    client.post(reverse("activation"), {"identifier": rgc.identifier})
    choose(client)
    client.get(reverse("enrol_factor"))
    code = rgc.totpdevice_set.get().current_token()
    client.post(reverse("enrol_factor"), {"code": code})

    assert client.get(reverse("accounts")).url == "/charte/?next=%2Fcomptes%2F"


def test_the_link_serves_once(client):
    """S9."""
    account = newcomer()
    path = last_link()
    client.get(path)
    client.post(reverse("activation"), {"identifier": account.identifier})
    choose(client)

    other = type(client)(SERVER_NAME="localhost", headers={"host": "localhost"})
    response = other.get(path, follow=True)

    assert response.status_code == 410
    assert "sert une seule fois" in response.text


def test_opening_the_link_spends_nothing(client):
    """Mailboxes have scanners that open every link."""
    account = newcomer()
    for _ in range(3):
        client.get(last_link())
        client.head(last_link())

    assert account.first_accesses.usable().exists()
    assert client.get(reverse("activation")).status_code == 200


def test_the_token_stands_in_no_address_after_the_first(client):
    newcomer()
    token = last_link().split("/")[2]

    response = client.get(last_link())

    assert token not in response.url
    assert token not in client.get(response.url).text


@pytest.mark.parametrize("why", ["expired", "replaced", "suspended", "closed"])
def test_a_link_that_is_over_opens_nothing(client, why):
    """S9."""
    account = newcomer()
    path = last_link()
    match why:
        case "expired":
            day = timezone.now() - dt.timedelta(seconds=1)
            account.first_accesses.update(expires_at=day)
        case "replaced":
            actions.send_link(account, by=FtAdminFactory(), check_done="piece")
        case "suspended":
            actions.suspend_account(account, by=FtAdminFactory(), reason="usage")
        case "closed":
            actions.close_account(account, by=FtAdminFactory(), reason="erreur")

    assert client.get(path, follow=True).status_code == 410


def test_a_link_lasts_72_hours(client):
    """S9."""
    newcomer()
    path = last_link()
    answers = []
    for hours in [71.99, 72]:
        with time_machine.travel(timezone.now() + dt.timedelta(hours=hours)):
            answers.append(client.get(path, follow=True).status_code)

    assert answers == [200, 410]


def test_a_forged_link_opens_nothing(client):
    account, other = newcomer(), RgcFactory(created=True)
    actions.send_link(other, by=FtAdminFactory(), check_done="piece")
    number, proof = account.first_accesses.get().token.split(".")
    stranger = other.first_accesses.get()
    tokens = [
        number,
        f"{number}.",
        f"{number}.{proof[:-1]}",
        f"{stranger.pk}.{proof}",
        f"{'9' * 30}.{proof}",
        f"²{number}.{proof}",
        "n’importe quoi",
    ]

    answers = {
        client.get(reverse("activation_link", args=[token]), follow=True).status_code
        for token in tokens
    }

    assert answers == {410}


def test_a_copy_of_the_database_opens_nothing():
    """S9: the link is written nowhere, and is long enough."""
    account = newcomer()
    access = account.first_accesses.get()
    proof = access.token.split(".")[1]

    rows = str([*FirstAccess.objects.values(), *OutboxEntry.objects.values()])

    assert proof not in rows
    assert len(proof) * 6 >= 112
    assert account.email not in str([*OutboxEntry.objects.values()])


def test_without_the_identifier_the_link_opens_nothing(client):
    account = newcomer()
    client.get(last_link())

    response = client.post(reverse("activation"), {"identifier": "IDA-ZZZZ"})

    assert response.status_code == 200
    assert "Ce n’est pas l’identifiant de ce lien" in response.text
    assert choose(client).url == reverse("activation")
    account.refresh_from_db()
    assert not account.has_usable_password()


@pytest.mark.usefixtures("still_clock")
def test_tries_are_counted_on_the_link_whatever_the_identifiers(client):
    """S6: a stolen link does not let one try identifier after identifier."""
    account = newcomer()
    token = account.first_accesses.get().token
    client.get(reverse("activation_link", args=[token]))
    guesses = [f"IDA-AAA{letter}" for letter in "ACDEF"]

    answers = [
        client.post(reverse("activation"), {"identifier": guess}).status_code
        for guess in [*guesses, account.identifier]
    ]

    assert answers == [200, 200, 200, 200, 200, 429]
    assert account.first_accesses.usable().exists()


def test_a_link_is_no_slip_and_a_slip_no_link(client):
    """The two doors share a table, not their secrets."""
    account = newcomer()
    _, secret = FirstAccess.draw(adviser := AdviserFactory(created=True), by=None)
    tries = [
        (account.identifier, account.first_accesses.get().token),
        (account.identifier, account.first_accesses.get().nonce),
        (account.identifier, "-"),
    ]

    for identifier, typed in tries:
        data = {"identifier": identifier, "secret": typed}
        assert client.post(reverse("first_access"), data).status_code == 200
    slip = adviser.first_accesses.get()
    assert FirstAccess.find_by_link(f"{slip.pk}.{secret}") is None
    assert FirstAccess.find_by_link(slip.token) is None


def test_a_new_link_does_not_get_round_the_second_factor(client, rgc):
    """S8."""
    actions.send_link(rgc, by=FtAdminFactory(), check_done="piece")
    outbox.relay()
    client.get(last_link())
    client.post(reverse("activation"), {"identifier": rgc.identifier})
    choose(client)

    assert client.get(reverse("enrol_factor")).url == reverse("login_code")
    assert give_code(client, code_of(rgc)).url == "/"


def test_a_used_link_is_not_sent_late():
    """What waited in the outbox has nothing to say any more."""
    account = User(
        role=Role.FT_ADMIN,
        first_name="Paul",
        last_name="Garnier",
        email="paul.garnier@francetravail.example",
    )
    account_opening.open_account(account, by=None)
    account.first_accesses.update(used_at=timezone.now())

    outbox.relay()

    assert [link_in(message) for message in mail.outbox] == [""]


# --- At the desk ----------------------------------------------------------------------


def test_an_administrator_opens_a_colleagues_account(as_ft_admin):
    response = as_ft_admin.post(reverse(ADD), someone(), follow=True)
    outbox.relay()

    account = User.objects.get(last_name="Garnier")
    assert (account.role, account.state, account.agency) == ("admin", "cree", None)
    assert not account.has_usable_password()
    assert re.fullmatch(r"FT-\w{4}", account.identifier)
    assert len(mail.outbox) == 2
    assert account.first_accesses.get().token not in response.text
    told = AuditEntry.objects.filter(target_id=account.pk).exclude(action="admin_read")
    assert [entry.action for entry in told] == ["account_opened"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "accueil@francetravail.example"}, "boîte partagée"),
        ({"role": Role.AGENT}, "Un agent appartient à une agence."),
        ({"role": Role.RGC}, "n’en fait pas partie"),
        ({"role": Role.ADVISER}, "n’en fait pas partie"),
        ({"role": ""}, "Choisissez une réponse"),
    ],
)
def test_an_account_that_is_not_to_be_opened_is_refused(as_ft_admin, changes, said):
    """S12, S23: partners' accounts have their own paths."""
    response = as_ft_admin.post(reverse(ADD), someone(**changes))

    assert response.status_code == 200
    assert said in response.text
    assert not User.objects.filter(last_name="Garnier").exists()


def test_an_administrator_opens_no_account_beyond_his_territory(client):
    """S23: nobody gives more reach than he has."""
    territory = AgencyFactory(safir="38900", kind=AgencyKind.TERRITORY)
    home = AgencyFactory(safir="38086", parent=territory)
    elsewhere = AgencyFactory(safir="69001", department="69")
    sign_in(client, FtAdminFactory(agency=territory))

    national = client.post(reverse(ADD), someone())
    beyond = client.post(reverse(ADD), someone(agency=elsewhere.pk))
    within = client.post(reverse(ADD), someone(agency=home.pk))

    assert "Un compte national est ouvert par un administrateur national" in (
        national.text
    )
    assert beyond.status_code == 200
    assert within.status_code == 302
    assert User.objects.get(last_name="Garnier").agency == home
    with pytest.raises(MoveRefused, match="territoire"):
        account_opening.open_account(
            User(role=Role.FT_ADMIN), by=FtAdminFactory(agency=territory)
        )


@pytest.mark.parametrize("factory", [AgentFactory, RgcFactory, AdviserFactory])
def test_only_an_administrator_opens_such_accounts(factory):
    """S23."""
    account = User(role=Role.FT_ADMIN, email="paul.garnier@francetravail.example")

    with pytest.raises(MoveRefused, match="Seul un administrateur"):
        account_opening.open_account(account, by=factory())


def test_a_new_link_replaces_the_one_before(as_ft_admin):
    rgc = RgcFactory(created=True)
    for _ in range(2):
        as_ft_admin.post(action_url(rgc, "lien-activation"), {"check_done": "piece"})

    outbox.relay()

    assert rgc.first_accesses.usable().count() == 1
    linked = [message for message in mail.outbox if link_in(message)]
    assert [message.subject for message in linked] == ["Opus : votre lien d’activation"]
    assert last_link() == reverse(
        "activation_link", args=[rgc.first_accesses.usable().get().token]
    )


def test_an_advisers_first_access_belongs_to_his_rgc(as_ft_admin, ft_admin, adviser):
    as_ft_admin.post(action_url(adviser, "lien-activation"))

    assert not adviser.first_accesses.exists()
    with pytest.raises(MoveRefused, match="RGC de sa structure"):
        actions.send_link(adviser, by=ft_admin, check_done="piece")


def test_a_link_sent_to_a_wrong_address_opens_nothing_once_it_is_corrected(
    as_ft_admin, client
):
    account = newcomer()
    wrong = last_link()
    form = someone(email="p.garnier@francetravail.example", reason="erreur")

    as_ft_admin.post(record_url(account), form)
    outbox.relay()

    assert mail.outbox[-1].to == ["p.garnier@francetravail.example"]
    assert last_link() != wrong
    stranger = type(client)(SERVER_NAME="localhost", headers={"host": "localhost"})
    assert stranger.get(wrong, follow=True).status_code == 410


# --- One identifier, one person (S12) -------------------------------------------------


def test_a_closed_accounts_identifier_is_not_drawn_again(monkeypatch):
    """S12."""
    closed = newcomer()
    actions.close_account(closed, by=FtAdminFactory(), reason="depart")
    drawn = iter([closed.identifier[-4:], "WXYZ"])
    monkeypatch.setattr(
        "accounts.users.models.get_random_string", lambda *args: next(drawn)
    )

    again = newcomer()

    assert again.identifier == "FT-WXYZ"


# --- The first administrator ----------------------------------------------------------


def create_admin(**options):
    said = StringIO()
    given = {
        "prenom": "Paul",
        "nom": "Garnier",
        "email": "paul.garnier@francetravail.example",
    }
    call_command("create_admin", **(given | options), stdout=said)
    return said.getvalue()


def test_a_new_deployment_has_no_account_until_its_operator_opens_one():
    """S42."""
    assert not User.objects.exists()

    said = create_admin()
    outbox.relay()

    account = User.objects.get()
    assert account.identifier in said
    assert account.first_accesses.get().token not in said
    assert (account.role, account.agency) == (Role.FT_ADMIN, None)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"email": "admin@francetravail.example"}, "boîte partagée"),
        ({"email": "pas une adresse"}, "adresse"),
        ({"safir": "99999"}, "Aucune agence ne porte le code SAFIR 99999"),
    ],
)
def test_the_command_refuses_what_the_desk_would(options, said):
    with pytest.raises(CommandError, match=said):
        create_admin(**options)

    assert not User.objects.exists()


def test_the_command_takes_no_address_twice():
    create_admin()

    with pytest.raises(CommandError, match="utilise déjà cette adresse"):
        create_admin()
