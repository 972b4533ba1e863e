"""Who is told of an alert, who reads it, what becomes of it (S39)."""

import datetime as dt

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.security import detection, emails
from accounts.security.models import (
    AT_ONCE,
    RGC_RULES,
    Alert,
    AlertState,
    Conclusion,
    Rule,
)
from accounts.security.rules import WATCHES, words_about
from accounts.security.tasks import check_journal, purge_alerts, send_digests
from accounts.signin.models import SessionEnd
from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.jobs import JobRun
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AlertFactory,
    FtAdminFactory,
    OpenSessionFactory,
    RgcFactory,
    StructureFactory,
    amend,
)
from tests.accounts.journal import line, somebody, write
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def raise_one(about: User, action: str = Action.SESSION_MOVED) -> Alert:
    """A line of the journal, and the pass that reads it."""
    write(line(action, about, at=timezone.now() - dt.timedelta(seconds=1)))
    check_journal()
    return Alert.objects.get(account=about)


def readers() -> set[str]:
    """Whose mailbox got a letter."""
    outbox.relay()
    return {address for letter in mail.outbox for address in letter.to}


# --- Who is told ----------------------------------------------------------------------


@pytest.fixture
def network() -> dict[str, User]:
    """An agency, its territory, its region, the country: an administrator of each."""
    region = AgencyFactory(kind="dr", safir="69188")
    territory = AgencyFactory(kind="dt", safir="38900", parent=region)
    agency = AgencyFactory(safir="38086", parent=territory)
    return {
        "agency": FtAdminFactory(agency=agency),
        "territory": FtAdminFactory(agency=territory),
        "region": FtAdminFactory(agency=region),
        "country": FtAdminFactory(agency=None),
        "elsewhere": FtAdminFactory(agency=AgencyFactory(safir="75001")),
    }


CORRESPONDENT = "correspondant@francetravail.example"


def of_the_agency(
    network: dict[str, User], *, correspondent: str = "", is_over: bool = False
) -> User:
    """An adviser of a structure of that agency."""
    structure = StructureFactory(
        agency=network["agency"].agency,
        convention__signed_ft_contact_email=correspondent,
        convention__over=is_over,
    )
    adviser: User = AdviserFactory(structure=structure)
    return adviser


def letter_to(address: str) -> str:
    """The text of the one letter that this mailbox got."""
    [letter] = [letter for letter in mail.outbox if letter.to == [address]]
    return str(letter.body)


def test_a_correspondent_who_administers_opus_is_told_in_place_of_the_others(network):
    """Art. 9.2: whom the convention names; his letter leads to the alert."""
    correspondent = network["agency"].email.upper()
    adviser = of_the_agency(network, correspondent=correspondent)
    rgc = RgcFactory(structure=adviser.structure)

    alert = raise_one(adviser)

    assert readers() == {correspondent, rgc.email}
    assert f"/admin/accounts/alert/{alert.pk}/change/" in letter_to(correspondent)


def test_a_correspondent_without_an_account_gets_a_letter_that_he_can_act_on(network):
    """S39: whom to call, and no link that he cannot open; the nearest administrators
    are told at once as well."""
    adviser = of_the_agency(network, correspondent=CORRESPONDENT)
    rgc = RgcFactory(structure=adviser.structure)
    nearest = network["agency"]

    raise_one(adviser)

    assert readers() == {CORRESPONDENT, nearest.email, rgc.email}
    letter = letter_to(CORRESPONDENT)
    assert "/admin/" not in letter
    assert f"adressez-vous à {nearest.get_full_name()} ({nearest.email})" in letter
    assert adviser.structure.phone in letter
    for secret in [adviser.identifier, adviser.last_name, adviser.email]:
        assert secret not in letter


def test_an_administrator_of_elsewhere_is_a_correspondent_without_the_alert(network):
    """His account does not see this structure: the nearest are told too."""
    correspondent = network["elsewhere"].email
    adviser = of_the_agency(network, correspondent=correspondent)

    raise_one(adviser)

    assert readers() == {correspondent, network["agency"].email}
    assert "/admin/" not in letter_to(correspondent)


@pytest.mark.parametrize("case", ["his own account", "over", "an RGC's own"])
def test_the_nearest_alone_are_told_where_nobody_else_may_be(network, case):
    """Neither who may have done it, nor whom an ended convention named."""
    adviser = of_the_agency(
        network, correspondent=CORRESPONDENT, is_over=case == "over"
    )
    match case:
        case "his own account":
            User.objects.filter(pk=adviser.pk).update(email=CORRESPONDENT.upper())
        case "an RGC's own":
            adviser = RgcFactory(structure=of_the_agency(network).structure)

    raise_one(adviser)

    assert readers() == {network["agency"].email}


def test_the_nearest_of_france_travail_and_the_rgc_are_told_at_once(network):
    adviser = of_the_agency(network)
    rgc = RgcFactory(structure=adviser.structure)
    RgcFactory()  # Of another structure.
    AgentFactory(agency=network["agency"].agency)

    raise_one(adviser)

    assert readers() == {network["agency"].email, rgc.email}


def test_an_amendment_changes_who_is_told(network):
    adviser = of_the_agency(network, correspondent=CORRESPONDENT)
    convention = adviser.structure.conventions.get()
    amend(convention, ft_contact_email="suivante@francetravail.example")

    raise_one(adviser)

    assert readers() == {"suivante@francetravail.example", network["agency"].email}


@pytest.mark.parametrize(
    ("absent", "who"),
    [
        (["agency"], "territory"),
        (["agency", "territory"], "region"),
        (["agency", "territory", "region"], "country"),
    ],
)
def test_where_nobody_is_near_the_next_level_is_told(network, absent, who):
    for name in absent:
        network[name].suspend(by=None, reason="absence")

    raise_one(of_the_agency(network))

    assert readers() == {network[who].email}


@pytest.mark.parametrize("rule", RGC_RULES)
def test_what_an_rgc_did_is_france_travails_business_alone(client, network, rule):
    """Art. 4.1: whoever he is by now, and whoever is the RGC."""
    adviser = of_the_agency(network)
    successor = RgcFactory(structure=adviser.structure)
    alert = AlertFactory(account=adviser, rule=rule)  # An RGC until yesterday.
    emails.notify(alert)
    send_digests()

    letters = readers()
    assert network["agency"].email in letters
    assert not letters & {successor.email, adviser.email}
    sign_in(client, successor)
    assert "Aucune alerte" in client.get(reverse("alerts")).text
    assert client.get(alert.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("rule", AT_ONCE)
def test_the_signal_of_a_ceiling_does_not_wait(network, rule):
    """S25: told at half of the ceiling, at once, to the RGC too."""
    adviser = of_the_agency(network)
    rgc = RgcFactory(structure=adviser.structure)
    watch = WATCHES[rule]
    now = timezone.now()
    detection.raise_alert(watch, detection.Hit(str(adviser.pk), now, now, 30))

    assert readers() == {network["agency"].email, rgc.email}
    assert "signal" in mail.outbox[0].subject


def test_an_alert_about_staff_goes_to_the_others_of_the_country(network):
    colleague = FtAdminFactory(agency=None)

    raise_one(network["country"])

    assert readers() == {colleague.email}


def test_a_signal_waits_for_the_morning(network):
    raise_one(of_the_agency(network), Action.SESSION_CAPPED)

    assert readers() == set()


def test_the_letter_tells_the_rule_in_words_and_names_nobody(network):
    adviser = of_the_agency(network)
    alert = raise_one(adviser)
    outbox.relay()

    [letter] = mail.outbox
    text = letter.body + letter.alternatives[0].content
    assert letter.subject == "Opus : alerte, session passée sur un autre appareil"
    assert words_about(alert, None)["to_do"] in letter.body
    assert str(adviser.structure) in letter.body
    assert f"/admin/accounts/alert/{alert.pk}/change/" in letter.body
    for secret in [adviser.identifier, adviser.last_name, adviser.email]:
        assert secret not in text


def test_the_rgcs_letter_leads_to_his_own_page(adviser):
    rgc = RgcFactory(structure=adviser.structure)
    alert = raise_one(adviser)
    outbox.relay()

    [letter] = [letter for letter in mail.outbox if letter.to == [rgc.email]]
    assert f"/comptes/alertes/{alert.pk}/" in letter.body


def test_a_letter_that_waited_until_the_alert_was_closed_has_nothing_to_say(
    adviser, ft_admin
):
    raise_one(adviser).close(by=ft_admin, conclusion=Conclusion.TEST)

    assert readers() == set()


def test_one_burst_is_one_letter(adviser, ft_admin):
    for _ in range(3):
        raise_one(adviser)

    assert len(mail.outbox) == 0
    readers()
    assert sorted(letter.to for letter in mail.outbox) == sorted(
        [["correspondant@francetravail.example"], [ft_admin.email]]
    )


# --- The digest of the morning --------------------------------------------------------


def test_the_digest_has_what_is_open_and_the_signals_of_the_day(rgc, ft_admin):
    adviser = AdviserFactory(structure=rgc.structure)
    day = dt.timedelta(days=1)
    now = timezone.now()
    AlertFactory(account=adviser, last_at=now - 5 * day)
    AlertFactory(account=adviser, closed=True, rule=Rule.NIGHT)
    AlertFactory(account=adviser, soft=True)
    AlertFactory(account=adviser, soft=True, last_at=now - 2 * day)

    send_digests()
    send_digests()  # The same day: nothing more.
    outbox.relay()

    lines = {
        letter.to[0]: [row for row in letter.body.splitlines() if row[:2] == "- "]
        for letter in mail.outbox
    }
    # Those who put the RGC in office are administrators too.
    staff = User.objects.filter(role=Role.FT_ADMIN).values_list("email", flat=True)
    assert ft_admin.email in staff
    assert set(lines) == {rgc.email, *staff}
    for rows in lines.values():
        assert ["signal" in row for row in rows] == [True, False]
        assert "plafond de personnes atteint" in rows[1]


def test_no_digest_where_there_is_nothing_to_say(rgc, ft_admin):
    send_digests()

    assert readers() == set()


def test_an_administrator_gets_the_digest_of_his_territory(network):
    AlertFactory(account=of_the_agency(network))

    send_digests()

    assert readers() == {
        network[name].email for name in ["agency", "territory", "region", "country"]
    }


# --- The RGC's pages ------------------------------------------------------------------


def test_the_rgc_reads_what_was_seen_and_may_suspend(as_rgc, rgc):
    adviser = AdviserFactory(structure=rgc.structure)
    alert = AlertFactory(account=adviser)

    listed = as_rgc.get(reverse("alerts")).content.decode()
    page = as_rgc.get(alert.get_absolute_url()).content.decode()

    assert str(adviser) in listed
    assert words_about(alert, rgc)["saw"] in page
    assert reverse("account_suspend", args=[adviser.public_id]) in page
    assert "À vérifier" in page


def test_the_rgc_sees_no_alert_of_another_structure_nor_about_an_rgc(as_rgc, rgc):
    """S20, S23."""
    hidden = [
        AlertFactory(),
        AlertFactory(account=rgc),
        AlertFactory(account=RgcFactory(structure=rgc.structure, in_office=False)),
    ]

    assert "Aucune alerte" in as_rgc.get(reverse("alerts")).content.decode()
    for alert in hidden:
        assert as_rgc.get(alert.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"taken": True}, "Prise en charge par France Travail"),
        ({"closed": True}, "Usage légitime"),
        ({"soft": True}, "Signal"),
        ({"account__state": UserState.SUSPENDED}, "Ce compte est suspendu"),
        ({"account__state": UserState.CLOSED}, "Ce compte est fermé"),
    ],
)
def test_the_page_says_where_it_stands(as_rgc, rgc, traits, words):
    alert = AlertFactory(account__structure=rgc.structure, **traits)

    assert words in as_rgc.get(alert.get_absolute_url()).content.decode()


def test_the_list_of_accounts_says_how_many_alerts_wait(as_rgc, rgc):
    assert "rien d’inhabituel" in as_rgc.get(reverse("accounts")).content.decode()

    AlertFactory.create_batch(2, account__structure=rgc.structure)

    assert "2 alertes à regarder" in as_rgc.get(reverse("accounts")).content.decode()


# --- The desk of France Travail -------------------------------------------------------


def action_url(alert: Alert, slug: str) -> str:
    return reverse("admin:accounts_alert_action", args=[alert.pk, slug])


def record_url(alert: Alert) -> str:
    return reverse("admin:accounts_alert_change", args=[alert.pk])


def test_an_alert_is_taken_then_closed_with_what_it_was(as_ft_admin, ft_admin):
    alert = AlertFactory()

    as_ft_admin.post(action_url(alert, "prendre"))
    as_ft_admin.post(action_url(alert, "clore"), {"conclusion": ""})
    assert Alert.objects.get().is_open
    as_ft_admin.post(action_url(alert, "clore"), {"conclusion": Conclusion.MISUSE})

    alert.refresh_from_db()
    assert (alert.state, alert.conclusion) == (AlertState.CLOSED, "detournement")
    assert [(step.target, step.by) for step in alert.steps.all()] == [
        ("prise", ft_admin),
        ("close", ft_admin),
    ]
    lines = AuditEntry.objects.filter(target_id=str(alert.pk)).order_by("pk")
    assert [(entry.action, entry.details) for entry in lines] == [
        ("alert_taken", {"verb": "prendre"}),
        ("alert_closed", {"verb": "clore", "conclusion": "detournement"}),
    ]


def test_the_sheet_has_the_journal_around_it_with_masked_networks(as_ft_admin):
    alert = AlertFactory()
    at = alert.first_at
    write(
        line(Action.PERSON_READ, alert.account, at=at, persons=[somebody()]),
        line(
            Action.SIGN_IN_REFUSED,
            at=at - dt.timedelta(minutes=9),
            target_type="accounts.user",
            target_id=str(alert.account.pk),
            refused="secret inexact",
            ip="203.0.113.77",
        ),
        line(Action.PERSON_READ, AdviserFactory(), at=at, ip="192.0.2.55"),
        line(Action.SIGN_OUT, alert.account, at=at + dt.timedelta(minutes=11)),
    )

    page = as_ft_admin.get(record_url(alert)).content.decode()

    extract = page[page.index('class="journal"') :]
    rows = extract[: extract.index("</table>")].split("<tr>")[2:]
    assert ["candidat consulté" in rows[0], "connexion refusée" in rows[1]] == [
        True,
        True,
    ]
    assert len(rows) == 2
    assert "198.51.100.x" in extract
    assert "203.0.113.77" not in page
    assert "192.0.2" not in page


def test_the_address_of_an_attack_is_told_in_full(as_ft_admin):
    """It is to be shut out upstream."""
    alert = AlertFactory(
        account=None,
        structure=None,
        subject="adresse:203.0.113.77/32",
        address="203.0.113.77",
        rule=Rule.ADDRESS,
    )

    assert "203.0.113.77" in as_ft_admin.get(record_url(alert)).content.decode()


def test_the_sheet_closes_the_sessions_of_the_account(as_ft_admin, ft_admin):
    """S15: at once, and told as the act of who did it; the alert stays open."""
    alert = AlertFactory()
    session = OpenSessionFactory(account=alert.account)
    page = reverse(
        "admin:accounts_alert_action", args=[alert.pk, "fermer-les-sessions"]
    )

    assert as_ft_admin.post(page).status_code == 302

    session.refresh_from_db()
    alert.refresh_from_db()
    assert (session.how, alert.is_open) == (SessionEnd.BY_STAFF, True)
    entry = AuditEntry.objects.get(action=Action.SESSION_CLOSED)
    assert (entry.actor_id, entry.target_id) == (ft_admin.pk, str(alert.account.pk))


def test_an_administrator_sees_the_alerts_of_his_territory(client, network):
    """S27."""
    mine = AlertFactory(account=of_the_agency(network))
    # An agency without a parent would be its department's: another one, then.
    far = StructureFactory(agency=AgencyFactory(department="75", region="11"))
    others = [
        AlertFactory(account__structure=far),
        AlertFactory(account=network["country"], structure=None),
    ]
    sign_in(client, network["territory"])

    assert client.get(record_url(mine)).status_code == 200
    for alert in others:
        assert client.get(record_url(alert)).status_code == 302
        assert client.post(action_url(alert, "prendre")).status_code == 404


def test_an_agent_has_no_page_of_alerts(client):
    alert = AlertFactory()
    sign_in(client, AgentFactory(agency=alert.structure.agency))

    assert client.get(record_url(alert)).status_code == 403
    assert client.post(action_url(alert, "prendre")).status_code == 403


def test_the_desk_counts_what_is_to_be_done(as_ft_admin):
    AlertFactory()
    AlertFactory(taken=True)
    AlertFactory(soft=True)
    AlertFactory(closed=True)

    queues = as_ft_admin.get(reverse("admin:index")).context["queues"]

    [queue] = [queue for queue in queues if queue.label == "Alertes"]
    assert queue.value == "2"
    listed = as_ft_admin.get(queue.url).context["cl"].result_list
    assert len(listed) == 2


# --- States, in the model and in the database -----------------------------------------


def test_a_closed_alert_never_opens_again(ft_admin):
    alert = AlertFactory(closed=True)

    with pytest.raises(MoveRefused):
        alert.take_charge(by=ft_admin)
    with (
        pytest.raises(DatabaseError, match="passage permis"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_alert SET state = 'nouvelle', conclusion = ''")


@pytest.mark.parametrize(
    "change", [{"state": AlertState.CLOSED}, {"conclusion": Conclusion.TEST}]
)
def test_a_conclusion_and_a_closed_state_come_together(change):
    alert = AlertFactory()

    with (
        pytest.raises(DatabaseError, match="closed_alert_says_what_it_was"),
        transaction.atomic(),
    ):
        Alert.objects.filter(pk=alert.pk).update(**change)


# --- The end --------------------------------------------------------------------------


def test_alerts_go_with_the_journal_they_tell_of():
    """S40: twelve months."""
    old = AlertFactory(last_at=timezone.now() - dt.timedelta(days=366))
    kept = AlertFactory(last_at=timezone.now() - dt.timedelta(days=364))

    purge_alerts()
    purge_alerts()

    assert list(Alert.objects.all()) == [kept]
    assert not User.objects.filter(pk=old.account_id, state="ferme").exists()


def test_alerts_about_an_account_that_a_lawsuit_needs_stay():
    """V11: of the held account, and of no other."""
    old = timezone.now() - dt.timedelta(days=366)
    held, other = AlertFactory(last_at=old), AlertFactory(last_at=old)
    AccountHoldFactory(account=held.account)
    AccountHoldFactory(account=other.account, lapsed=True)

    purge_alerts()

    assert list(Alert.objects.all()) == [held]


def test_a_pass_tells_that_it_ran(adviser):
    """R25."""
    check_journal()

    run = JobRun.objects.get(pk="check-journal")
    assert (run.every, run.error) == (dt.timedelta(seconds=20), "")


def test_an_alert_proposes_what_its_reader_can_do(client, network, as_ft_admin):
    """A journal for who reads it, a suspension for who may; his own to another."""
    alert = AlertFactory(rule=Rule.TRIES)
    local = FtAdminFactory(agency=alert.structure.agency)
    in_journal = "regardez dans le journal"
    whole = as_ft_admin.get(record_url(alert)).text
    sign_in(client, local)
    near = client.get(record_url(alert)).text
    alert.account.suspend(by=local, reason="usage")
    suspended = client.get(record_url(alert)).text

    account = alert.account
    assert f"/admin/accounts/user/{account.pk}/faire/suspendre/" in whole
    assert f"{reverse('admin:persons_seen')}?compte={account.identifier}" in whole
    assert in_journal in whole
    assert in_journal not in near
    assert "Suspendre…" in near
    assert "Suspendre…" not in suspended


def test_a_refused_button_keeps_what_was_chosen_in_words(as_ft_admin, ft_admin):
    own = AlertFactory(account=ft_admin, structure=None)

    refused = as_ft_admin.post(
        action_url(own, "clore"), {"conclusion": Conclusion.LEGITIMATE}
    )

    assert refused.status_code == 409
    assert Alert.objects.get().state == AlertState.NEW
    assert "Ce que vous aviez saisi" in refused.text
    assert "Usage légitime" in refused.text
    assert "un autre administrateur la traite" in as_ft_admin.get(record_url(own)).text
