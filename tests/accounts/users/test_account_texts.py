"""What is said of an account follows from its dates, states and steps."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.actions import propose
from accounts.agreements.models.amendments import Amendment
from accounts.nominations import actions as nomination_actions
from accounts.nominations.enums import NominationState
from accounts.signin import sessions
from accounts.signin.models import SecurityEventKind
from accounts.structures.models import Structure
from accounts.team import actions
from accounts.users import absences, account_texts
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import User
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    AmendmentFactory,
    ConventionFactory,
    FtAdminFactory,
    LeaveFactory,
    NominationFactory,
    OpenSessionFactory,
    RgcFactory,
    SecurityEventFactory,
    StructureFactory,
)
from tests.accounts.journeys import give_password
from tests.admin.registers import action_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2028, 5, 10, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def a_day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def account_of(role: Role) -> User:
    """One account of that role; an adviser has an RGC."""
    match role:
        case Role.ADVISER:
            return AdviserFactory(structure=RgcFactory().structure)
        case Role.RGC:
            return RgcFactory()
    return AgentFactory() if role == Role.AGENT else FtAdminFactory()


# --- Whom to ask ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "whom"),
    [
        (Role.ADVISER, account_texts.RGC),
        (Role.RGC, account_texts.CORRESPONDENT),
        (Role.AGENT, "un administrateur d’Opus"),
        (Role.FT_ADMIN, "un administrateur d’Opus"),
    ],
)
def test_a_suspension_sends_each_role_to_somebody_else(client, role, whom):
    account = account_of(role)
    sign_in(client, account)
    account.suspend(by=None, reason=SuspensionReason.CHECK)

    page = client.get("/", follow=True).text

    assert f"Votre compte est suspendu\xa0: {whom} peut vous dire pourquoi" in page


def test_an_adviser_without_an_rgc_is_sent_to_france_travail():
    assert account_texts.helper_of(AdviserFactory()) == account_texts.CORRESPONDENT


def test_the_letter_about_a_lost_password_contracts_its_article():
    adviser = account_of(Role.ADVISER)
    adviser.totpdevice_set.all().delete()
    client_answer = letter_about(adviser)

    assert "à le" not in client_answer
    assert "premier accès au responsable de gestion des comptes" in client_answer


def letter_about(account: User) -> str:
    """The letter that « Mot de passe oublié » sends."""
    Client().post(reverse("password_forgotten"), {"who": account.identifier})
    outbox.relay()
    return mail.outbox[-1].body


def test_one_answer_for_all_at_sign_in_and_the_mailbox_learns_of_the_suspension(client):
    """S7: an account that the job suspended is told so where nobody else reads."""
    adviser = account_of(Role.ADVISER)
    adviser.suspend(by=None, reason=SuspensionReason.ABSENCE)

    mine = give_password(client, adviser.identifier).text
    nobody = give_password(client, "IDA-0000X").text

    for page in (mine, nobody):
        assert "ou compte suspendu" in page
    body = letter_about(adviser)
    assert "Votre compte est suspendu pour absence (convention, art. 4.2)" in body
    assert "peut vous dire pourquoi, et le réactiver" in body


# --- Why a session was cut ------------------------------------------------------------


def suspended_and_back(account: User) -> None:
    account.suspend(by=None, reason=SuspensionReason.CHECK)
    account.reactivate(by=FtAdminFactory())


def made_rgc(account: User) -> None:
    nomination = NominationFactory(
        convention=account.structure.conventions.get(),
        person=account,
        state=NominationState.ACCEPTED,
    )
    nomination_actions.put_in_office(nomination, by=FtAdminFactory())


def changed(kind: SecurityEventKind):
    return lambda account: SecurityEventFactory(account=account, kind=kind)


@pytest.mark.parametrize(
    ("what_happens", "said"),
    [
        (changed(SecurityEventKind.PASSWORD), "le mot de passe de votre compte a"),
        (changed(SecurityEventKind.FACTOR_ADDED), "les seconds facteurs de votre"),
        (changed(SecurityEventKind.FACTORS_RESET), "les seconds facteurs de votre"),
        (changed(SecurityEventKind.ADDRESS), "l’accès à votre compte a changé"),
        (suspended_and_back, "votre compte a été suspendu, puis réactivé"),
        (made_rgc, "vous êtes maintenant responsable de gestion des comptes"),
        (lambda account: None, "l’accès à votre compte a changé"),
    ],
)
def test_a_cut_session_names_what_happened_and_nothing_else(what_happens, said):
    """S14."""
    structure = StructureFactory()
    row = OpenSessionFactory(account=AdviserFactory(structure=structure))
    what_happens(row.account)

    sentence = sessions.why_cut(type(row).objects.get(pk=row.pk))

    assert said in sentence
    assert ("mot de passe" in sentence) == ("mot de passe" in said)
    assert ("seconds facteurs" in sentence) == ("seconds facteurs" in said)


def test_what_came_before_the_session_did_not_cut_it(clock):
    event = SecurityEventFactory()
    clock.shift(dt.timedelta(minutes=1))
    row = OpenSessionFactory(account=event.account)

    assert "l’accès à votre compte a changé" in sessions.why_cut(row)


# --- Absence --------------------------------------------------------------------------


def adviser_used(days_ago: int) -> User:
    return AdviserFactory(
        structure=RgcFactory().structure,
        last_login=timezone.now() - dt.timedelta(days=days_ago),
    )


@pytest.mark.parametrize(
    ("days_ago", "badge"),
    [
        (60, "Suspension dans 30 jours"),
        (89, "Suspension demain"),
        (90, "Suspension aujourd’hui"),
        (91, "Accès fermé"),
    ],
)
def test_the_access_is_said_to_be_shut_only_when_it_is(clock, client, days_ago, badge):
    """Art. 4.2: on day 90 a sign-in still works."""
    person = adviser_used(days_ago)
    rgc = User.objects.get(structure=person.structure, role=Role.RGC)
    sign_in(client, rgc)

    board = client.get(reverse("accounts")).text

    assert badge in board
    assert ("Accès fermé" in board) is bool(absences.why_kept_out(person))


@pytest.mark.parametrize(
    ("days_ago", "leave", "said"),
    [
        (0, None, "Sans connexion d’ici là, Opus suspend ce compte le 8 août 2028"),
        (90, None, "Sans connexion aujourd’hui"),
        (91, None, "Plus de 90 jours sans connexion\xa0: l’accès est fermé"),
        (0, (5, 15), "Opus suspend ce compte le 8 août 2028"),
        (0, (5, 200), "le 15 mai 2028, premier jour d’une absence de plus de trois"),
        (0, (0, 200), "Une absence de plus de trois mois a commencé"),
        (0, (120, 300), "Opus suspend ce compte le 8 août 2028"),
    ],
)
def test_the_day_of_the_suspension_is_the_first_of_the_two(
    clock, days_ago, leave, said
):
    person = adviser_used(days_ago)
    if leave:
        first, last = leave
        LeaveFactory(
            account=person,
            starts_on=a_day(first),
            ends_on=a_day(last),
            created_by=User.objects.get(structure=person.structure, role=Role.RGC),
        )

    assert said in account_texts.suspension_ahead(person)


def body_of(account: User, days: int, clock) -> str:
    clock.shift(dt.timedelta(days=days))
    mail.outbox.clear()
    absences.warn()
    absences.suspend_due()
    outbox.relay()
    return [one.body for one in mail.outbox if one.to == [account.email]][-1]


def never_used(**fields) -> User:
    return AdviserFactory(
        structure=RgcFactory(last_login=NOW + dt.timedelta(days=365)).structure,
        last_login=None,
        created_at=timezone.now(),
        **fields,
    )


def reactivated(account: User) -> None:
    account.suspend(by=None, reason=SuspensionReason.SEAT)
    account.reactivate(by=FtAdminFactory())


def new_slip(account: User) -> None:
    rgc = User.objects.get(structure=account.structure, role=Role.RGC)
    actions.renew_first_access(account, by=rgc, check_done="piece")


@pytest.mark.parametrize(
    ("is_used", "since", "said"),
    [
        (True, None, "Vous ne vous êtes pas connecté à Opus depuis le"),
        (True, reactivated, "a été réactivé le 10 mai 2028 et n’a pas servi depuis"),
        (False, None, "créé le 10 mai 2028, n’a encore jamais servi"),
        (False, reactivated, "n’a encore jamais servi : il a été réactivé, ou un"),
        (False, new_slip, "accès a été préparé pour vous, le 10 mai 2028"),
    ],
)
def test_a_warning_says_from_what_the_days_are_counted(clock, is_used, since, said):
    person = never_used(state=UserState.ACTIVE if is_used else UserState.CREATED)
    if is_used:
        earlier = NOW - dt.timedelta(days=40 if since else 0)
        User.objects.filter(pk=person.pk).update(last_login=earlier)
    if since:
        since(User.objects.get(pk=person.pk))

    assert said in body_of(person, 60, clock)


def test_a_suspension_says_which_absence_it_is(clock):
    """Nobody was away for three months on the first day of a long absence."""
    unused = never_used(state=UserState.ACTIVE)
    away = AdviserFactory(structure=unused.structure, last_login=NOW)
    rgc = User.objects.get(structure=unused.structure, role=Role.RGC)
    LeaveFactory(account=away, starts_on=a_day(1), ends_on=a_day(200), created_by=rgc)

    first_day = body_of(away, 1, clock)
    day_90 = body_of(unused, 89, clock)

    assert "est enregistrée, du 11 mai 2028 au" in first_day
    assert "après plus de trois mois" not in first_day
    assert "aucune connexion depuis le 10 mai 2028, soit 90 jours" in day_90


# --- Letters --------------------------------------------------------------------------


@pytest.mark.parametrize("has_account", [False, True])
def test_two_emails_are_announced_when_they_leave(as_ft_admin, has_account):
    structure = StructureFactory()
    nomination = NominationFactory(
        convention=structure.conventions.get(),
        state=NominationState.ACCEPTED,
        without_account=True,
    )
    if has_account:
        AdviserFactory(structure=structure, email=nomination.email)
    page = as_ft_admin.post(action_url(nomination, "fournir-compte"), follow=True).text

    outbox.relay()
    assert ("partent par deux courriels" in page) is not has_account
    assert len([one for one in mail.outbox if one.to == [nomination.email]]) == (
        0 if has_account else 2
    )


def test_an_amendment_compares_with_the_day_before_it_not_with_today(clock):
    """Art. 5.2: 2 today, 10 in a month, then 5: more than today, fewer than before."""
    structure = StructureFactory(convention=None)
    convention = ConventionFactory(structure=structure, quota=2)
    rgc = RgcFactory(structure=structure)
    AmendmentFactory(
        convention=convention,
        confirmed=True,
        noticed_on=a_day(0),
        effective_on=a_day(30),
        quota=10,
    )
    amendment = Amendment(
        convention=convention,
        reference="DR-2",
        noticed_on=a_day(0),
        effective_on=a_day(60),
        quota=5,
    )
    propose(amendment, by=FtAdminFactory())
    outbox.relay()

    [body] = [one.body for one in mail.outbox if one.to == [rgc.email]]
    assert "moins de comptes qu’aujourd’hui" not in body
    assert "le nombre de comptes baisse, de 10 à 5" in body


# --- Names and pages ------------------------------------------------------------------


def test_names_follow_the_french_alphabet(client, rgc):
    for name in ("Zola", "Élan", "eden", "Xavier", "Ébène", "Fabre"):
        AdviserFactory(structure=rgc.structure, last_name=name)
        StructureFactory(name=name)
    names = ["Ébène", "eden", "Élan", "Fabre", "Xavier", "Zola"]
    sign_in(client, rgc)

    up = client.get(reverse("accounts")).context["people"]
    down = client.get(reverse("accounts"), {"tri": "-nom"}).context["people"]

    assert [person.last_name for person in up] == names
    assert [person.last_name for person in down] == names[::-1]
    found = Structure.objects.filter(name__in=names)
    assert [structure.name for structure in found] == names


def test_the_sign_in_page_names_the_demonstration_accounts_that_exist(client, settings):
    settings.DEMO = True
    before = client.get(reverse("login")).text
    AdviserFactory(identifier="conseiller.demo")
    AdviserFactory(identifier="hugo.demo", state=UserState.SUSPENDED)

    after = client.get(reverse("login")).text

    assert ".demo" not in before
    assert "conseiller.demo" in after
    assert "rgc.demo" not in after
    assert "hugo.demo" not in after


PERSONAL = {
    "first_name": "prénom",
    "last_name": "nom",
    "email": "courriel",
    "phone": "téléphone",
    "function": "fonction",
    "identifier": "identifiant",
}


@pytest.mark.parametrize("row", ["Conseillers et responsables", "Agents de France"])
def test_the_table_of_personal_data_names_what_an_account_holds(client, row):
    """V13: agents' data as well as partners'."""
    page = client.get(reverse("privacy")).text
    line = page[page.index(f'<th scope="row">{row}') :]
    line = line[: line.index("</tr>")]

    fields = {field.name for field in User._meta.concrete_fields}
    assert set(PERSONAL) <= fields
    assert [word for word in PERSONAL.values() if word not in line] == []
