"""A stolen RGC session does not own its structure: the attack, replayed (ADR 8).

The thief changes an adviser's address, so that the notices and their stop links go to
his own mailbox; has the second factors reset; and signs in as the adviser.
"""

import datetime as dt
import re

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.signin import account_safety, factors, passwords
from accounts.signin.models import (
    FactorReset,
    LossReason,
    ResetState,
    SecurityEvent,
    SecurityEventKind,
)
from accounts.team import actions
from accounts.users.account_texts import history_of
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import AddressChange, IdentityCheck, User, recent_addresses
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AdviserFactory,
    FactorResetFactory,
    FtAdminFactory,
    RgcFactory,
    SecurityEventFactory,
)
from tests.accounts.journeys import another_browser as browser
from tests.admin.registers import action_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

TRUE, THIEF, OTHER = "claire@x.example", "voleur@x.example", "autre@x.example"
ANSWERS = {"check_done": IdentityCheck.CALL_BACK, "reason": LossReason.LOST}
NEW_ADDRESS = settings.ACCOUNT_SAFETY.new_address
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def rgc() -> User:
    return RgcFactory()


@pytest.fixture
def claire(rgc) -> User:
    return AdviserFactory(
        structure=rgc.structure, email=TRUE, last_login=timezone.now()
    )


@pytest.fixture
def admins() -> tuple[User, User]:
    return FtAdminFactory(), FtAdminFactory()


@pytest.fixture
def thief(rgc) -> Client:
    """Somebody else, with the cookie of the RGC."""
    return sign_in(browser(), rgc)


def page(person: User, name: str) -> str:
    return reverse(name, args=[person.public_id])


def steal_address(thief: Client, person: User, email: str = THIEF) -> None:
    rest = {"phone": person.phone, "function": person.function}
    thief.post(page(person, "account_edit"), {"email": email, **rest})
    assert User.objects.get(pk=person.pk).email == email


def admins_everywhere() -> set[str]:
    """The mailboxes of France Travail's administrators, those of factories too."""
    admins = User.objects.filter(role=Role.FT_ADMIN)
    return set(admins.values_list("email", flat=True))


def letters() -> dict[str, mail.EmailMessage]:
    """What leaves now, by mailbox."""
    mail.outbox.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        outbox.relay()
    return {message.to[0]: message for message in mail.outbox}


def stop_link(message: mail.EmailMessage) -> str:
    found = re.search(r"/compte/proteger/\S+", message.body)
    assert found, message.body
    return found[0]


# --- The attack, step by step ---------------------------------------------------------


def test_the_former_address_gets_the_notice_and_its_link(thief, claire):
    """S11: at once, while the thief's mailbox gets one too."""
    steal_address(thief, claire)

    sent = letters()

    assert set(sent) == {TRUE, THIEF}
    assert "ne viendront plus" in sent[TRUE].body
    assert "viendront désormais" in sent[THIEF].body
    assert "Prévenez aussi le correspondant France Travail" in sent[TRUE].body
    assert stop_link(sent[TRUE])


def test_a_reset_of_factors_asked_at_once_is_refused(thief, claire):
    """S10: the page says until when, and who can; so does the action."""
    steal_address(thief, claire)

    shown = thief.get(page(claire, "account_factor_reset"))
    asked = thief.post(page(claire, "account_factor_reset"), ANSWERS)

    assert "Avant, seule France Travail peut le faire" in shown.text
    assert "Demander la remise à zéro" not in shown.text
    assert asked.status_code == 409
    assert "vous pourrez demander la remise à zéro" in asked.text
    assert not FactorReset.objects.exists()


def test_the_notice_of_a_reset_goes_to_the_former_address_too(rgc, thief, claire):
    """S10: once the 7 days have passed the RGC may ask; 30 days both are notified."""
    steal_address(thief, claire)
    letters()

    with time_machine.travel(timezone.now() + NEW_ADDRESS + SECOND, tick=False):
        factors.request_reset(claire, by=rgc, **ANSWERS)
        sent = letters()

    assert set(sent) == {TRUE, THIEF}
    assert all("/second-facteur/arreter/" in one.body for one in sent.values())


def test_an_address_changed_after_the_asking_stops_the_reset(rgc, thief, claire):
    """The same attack in the other order: the reset has to be asked again, later."""
    reset = factors.request_reset(claire, by=rgc, **ANSWERS)

    steal_address(thief, claire)

    reset.refresh_from_db()
    entry = AuditEntry.objects.get(action="account_changed")
    assert reset.state == ResetState.STOPPED
    assert entry.details["fields"] == ["email"]
    assert [part["action"] for part in entry.details["parts"]] == [
        "factor_reset_stopped"
    ]


def test_a_notice_that_leaves_late_goes_where_the_account_was_then(rgc, thief, claire):
    """The thief changes the address before the outbox has sent what he did before."""
    actions.renew_first_access(claire, by=rgc, check_done="piece")
    steal_address(thief, claire)
    mail.outbox.clear()

    letters()

    about = {m.to[0] for m in mail.outbox if "premier accès" in m.subject}
    assert about == {TRUE}


def test_the_stop_link_leaves_the_account_safe(client, rgc, thief, claire, admins):
    """S10, S11, S14: nobody is in, nobody gets in, the true address is back."""
    holder = sign_in(browser(), claire)
    steal_address(thief, claire)
    link = stop_link(letters()[TRUE])
    actions.renew_first_access(claire, by=rgc, check_done="piece")

    opened = client.get(link)
    before = User.objects.get(pk=claire.pk)
    stopped = client.post(link)
    twice = client.post(link)

    assert "Ce n’est pas moi" in opened.text
    assert before.state == UserState.ACTIVE
    assert "votre compte est en sécurité" in stopped.text
    assert "votre compte est en sécurité" in twice.text
    after = User.objects.get(pk=claire.pk)
    assert (after.state, after.email) == (UserState.SUSPENDED, TRUE)
    assert after.steps.latest("pk").note == {"reason": SuspensionReason.CHECK}
    assert not after.has_usable_password()
    assert not after.first_accesses.usable().exists()
    assert holder.get("/").url.startswith("/connexion/")
    (entry,) = AuditEntry.objects.filter(action="account_secured")
    event = SecurityEvent.objects.get(kind=SecurityEventKind.ADDRESS)
    assert (entry.actor, entry.details) == (
        "",
        {"event": event.pk, "kind": "adresse", "address_is_back": True},
    )
    assert "Compte mis en sécurité par le lien d’un courriel" in {
        line.label for line in history_of(after)
    }
    sent = letters()
    assert set(sent) == {TRUE, THIEF, *admins_everywhere()}
    assert "seule France Travail peut le réactiver" in sent[admins[0].email].body
    assert "/compte/proteger/" not in sent[THIEF].body


def test_what_is_pending_stops_with_it(client, rgc, claire):
    reset = factors.request_reset(claire, by=rgc, **ANSWERS)
    event = SecurityEventFactory(account=claire)

    client.post(reverse("account_safety", args=[event.stop_token]))

    reset.refresh_from_db()
    assert reset.state == ResetState.STOPPED


def test_the_stolen_session_cannot_reactivate_the_account(client, thief, claire):
    """Only France Travail does, and then a new first access is needed."""
    steal_address(thief, claire)
    client.post(stop_link(letters()[TRUE]))

    again = thief.post(page(claire, "account_edit"), {"email": OTHER})
    shown = thief.get(page(claire, "account"))
    refused = thief.post(page(claire, "account_reactivate"))
    state = User.objects.get(pk=claire.pk).state
    sign_in(client, FtAdminFactory()).post(action_url(claire, "reactiver"))

    assert "Seule France Travail peut le réactiver" in shown.text
    assert (again.status_code, refused.status_code) == (409, 409)
    assert "correspondant France Travail" in refused.text
    assert state == UserState.SUSPENDED
    after = User.objects.get(pk=claire.pk)
    assert (after.state, after.email) == (UserState.ACTIVE, TRUE)
    assert not after.has_usable_password()
    # Checked once: an ordinary suspension is the RGC's again.
    after.suspend(by=None, reason=SuspensionReason.SEAT)
    thief.post(page(claire, "account_reactivate"))
    assert User.objects.get(pk=claire.pk).state == UserState.ACTIVE


def test_a_stop_of_what_the_thief_did_as_the_adviser_counts_as_well(rgc, claire):
    """The RGC's session changed the address, the thief then the password."""
    actions.change_account(claire, by=rgc, email=THIEF)
    claire.refresh_from_db()
    account_safety.put_in_safety(SecurityEventFactory(account=claire))

    with pytest.raises(MoveRefused, match="Seule France Travail"):
        actions.reactivate_account(claire, by=rgc)


def test_where_no_rgc_had_a_hand_in_it_he_is_notified_and_reactivates(rgc, claire):
    FtAdminFactory()

    account_safety.put_in_safety(SecurityEventFactory(account=claire))

    assert set(letters()) == {TRUE, rgc.email, *admins_everywhere()}
    claire.refresh_from_db()
    actions.reactivate_account(claire, by=rgc)
    assert SecurityEvent.objects.get().settled_at


@pytest.mark.parametrize("factory", [RgcFactory, FtAdminFactory])
def test_an_rgcs_or_a_staff_account_is_put_in_safety_alike(factory):
    account, _ = factory(), FtAdminFactory()

    account_safety.put_in_safety(SecurityEventFactory(account=account))

    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    sent = letters()
    assert set(sent) == {account.email, *admins_everywhere()}
    assert "Appelez" in sent[account.email].body


# --- The stop link, and what it leaves ------------------------------------------------


def test_two_changes_in_a_row_notify_all_three_mailboxes(thief, claire):
    """A → B → C: the true one is not lost behind the second change."""
    steal_address(thief, claire)
    letters()

    steal_address(thief, claire, OTHER)
    sent = letters()

    assert set(sent) == {TRUE, THIEF, OTHER}
    assert "viendront désormais" in sent[OTHER].body


def test_an_address_of_more_than_30_days_ago_is_no_longer_notified(rgc, claire):
    actions.change_account(claire, by=rgc, email=OTHER)
    letters()
    AddressChange.objects.update(at=timezone.now() - dt.timedelta(days=30, minutes=1))
    claire.refresh_from_db()

    assert list(recent_addresses(claire).values()) == [OTHER]


def test_an_address_that_changed_again_is_not_set_back(client, thief, claire):
    """France Travail puts it right: nobody knows which of two changes was good."""
    steal_address(thief, claire)
    link = stop_link(letters()[TRUE])
    steal_address(thief, claire, OTHER)

    client.post(link)

    after = User.objects.get(pk=claire.pk)
    assert (after.state, after.email) == (UserState.SUSPENDED, OTHER)


def test_a_former_address_that_is_anothers_by_now_is_not_set_back(rgc, claire):
    actions.change_account(claire, by=rgc, email=OTHER)
    AdviserFactory(email=TRUE)

    account_safety.put_in_safety(SecurityEvent.objects.get())

    after = User.objects.get(pk=claire.pk)
    assert (after.state, after.email) == (UserState.SUSPENDED, OTHER)


def test_an_account_suspended_already_is_kept_so(rgc, claire):
    """Else the thief suspends first, and reactivates at leisure."""
    actions.change_account(claire, by=rgc, email=THIEF)
    actions.suspend_account(claire, by=rgc, reason="place")

    account_safety.put_in_safety(SecurityEvent.objects.get())

    with pytest.raises(MoveRefused, match="Seule France Travail"):
        actions.reactivate_account(claire, by=rgc)


def test_a_closed_account_says_so_and_nothing_changes(client):
    event = SecurityEventFactory(account=AdviserFactory(closed=True))

    response = client.post(reverse("account_safety", args=[event.stop_token]))

    assert "Ce compte est fermé" in response.text
    event.refresh_from_db()
    assert event.stopped_at is None


def test_an_old_link_says_so_and_a_forged_one_leads_nowhere(client):
    event = SecurityEventFactory()
    token = event.stop_token
    pk, rest = token.split(":", 1)
    late = timezone.now() + settings.ACCOUNT_SAFETY.stop_link + SECOND

    with time_machine.travel(late, tick=False):
        old = client.post(reverse("account_safety", args=[token]))
    reset = FactorResetFactory()
    for forged in [f"{int(pk) + 1}:{rest}", f"{token}x", "1", reset.stop_token]:
        answer = client.post(reverse("account_safety", args=[forged]))
        assert answer.status_code == 404

    assert old.status_code == 410
    assert "plus de trente jours" in old.text
    event.refresh_from_db()
    assert event.stopped_at is None


def test_no_task_holds_an_address(rgc, claire):
    """S34, V17: a number stands for it."""
    actions.change_account(claire, by=rgc, email=OTHER)
    account_safety.put_in_safety(SecurityEvent.objects.get())

    rows = list(OutboxEntry.objects.all())

    assert len(rows) >= 4
    assert "@" not in str([(row.key, row.arguments) for row in rows])


def test_a_password_link_is_notified_to_the_former_address_without_it(
    client, rgc, claire
):
    """S8, S11: the link itself goes to the present address alone."""
    actions.change_account(claire, by=rgc, email=OTHER)
    letters()

    client.post(reverse("password_forgotten"), {"who": claire.identifier})
    letters()
    sent = {message.to[0]: message.body for message in mail.outbox}
    sent |= {to: message.body for to, message in letters().items()}

    assert set(sent) == {TRUE, OTHER}
    assert "/mot-de-passe-oublie/lien/" in sent[OTHER]
    assert "/mot-de-passe-oublie/lien/" not in sent[TRUE]
    assert all("/compte/proteger/" in body for body in sent.values())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", SecurityEventKind.PASSWORD),
        ("reset", SecurityEventKind.FACTORS_RESET),
        ("link", SecurityEventKind.FIRST_ACCESS),
        ("codes", SecurityEventKind.BACKUP_CODES),
    ],
)
def test_what_opens_an_account_is_notified_to_every_recent_address(client, name, kind):
    """S11: for an RGC's own account, whose address France Travail changed."""
    rgc, admin = RgcFactory(email=TRUE), FtAdminFactory()
    actions.change_account(rgc, by=admin, email=OTHER)
    letters()
    rgc.refresh_from_db()

    match name:
        case "password":
            passwords.record_change(rgc, how="lien")
        case "reset":
            confirmed = FactorResetFactory(
                account=rgc, asked_by=admin, four_eyes=True, ready=True
            )
            factors.confirm(confirmed, by=FtAdminFactory())
            factors.finish(confirmed, by=admin)
        case "link":
            actions.send_link(rgc, by=admin, check_done="piece")
        case "codes":
            sign_in(client, rgc).post(reverse("backup_codes"))

    assert set(letters()) == {TRUE, OTHER}
    assert SecurityEvent.objects.latest("pk").kind == kind


# --- France Travail, two persons ------------------------------------------------------


def test_france_travail_resets_meanwhile_with_two_persons(
    client, rgc, thief, claire, admins
):
    """S10: though an RGC is in office; the slip is not for the RGC's session."""
    first, second = admins
    steal_address(thief, claire)
    reset = factors.request_reset(claire, by=first, **ANSWERS)
    with time_machine.travel(
        timezone.now() + settings.FACTOR_RESET_NOTICE + SECOND, tick=False
    ):
        with pytest.raises(MoveRefused):
            factors.finish(reset, by=first)
        sign_in(client, second).post(action_url(claire, "confirmer-la-remise-a-zero"))
        sign_in(thief, rgc)
        shown = thief.get(page(claire, "account_factor_reset"))
        taken = thief.post(page(claire, "account_factor_reset_slip"))
        stopped = thief.post(page(claire, "account_factor_reset_stop"))
        reset.refresh_from_db()
        was = reset.state
        sign_in(client, second).post(action_url(claire, "remettre-a-zero"))
        renewed = thief.post(page(claire, "account_first_access"), ANSWERS)

    reset.refresh_from_db()
    assert (reset.four_eyes, was) == (True, ResetState.CONFIRMED)
    assert "menée par France Travail" in shown.text
    assert (taken.status_code, stopped.status_code) == (409, 409)
    assert reset.state == ResetState.DONE
    # Without a factor, a slip would open the account by itself.
    assert renewed.status_code == 409
    assert "préparez un nouveau premier accès à partir du" in renewed.text


def test_the_second_person_may_come_after_the_seven_days(rgc, claire, admins):
    first, second = admins
    actions.change_account(claire, by=rgc, email=OTHER)
    with time_machine.travel(timezone.now() + NEW_ADDRESS - SECOND, tick=False):
        reset = factors.request_reset(claire, by=first, **ANSWERS)
    with time_machine.travel(timezone.now() + dt.timedelta(days=9), tick=False):
        factors.confirm(reset, by=second)
        factors.finish(reset, by=first)

    assert reset.state == ResetState.DONE


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_database_holds_the_seven_days_whoever_writes(rgc, claire, order):
    """By SQL too; one second later it lets both through."""
    reset = FactorResetFactory.build(account=claire, asked_by=rgc, ready=True)
    reset.asked_at = timezone.now() - dt.timedelta(days=2)
    if order == "after":
        reset.save()
    change = AddressChange.objects.create(account=claire, former=OTHER, by=rgc)
    at = reset.asked_at if order == "before" else timezone.now()

    def write() -> None:
        with transaction.atomic():
            if order == "before":
                reset.save(force_insert=True)
            else:
                FactorReset.objects.filter(pk=reset.pk).update(
                    state="faite", done_at=at
                )

    AddressChange.objects.filter(pk=change.pk).update(at=at - NEW_ADDRESS + SECOND)
    with pytest.raises(IntegrityError, match="vient de changer"):
        write()
    AddressChange.objects.filter(pk=change.pk).update(at=at - NEW_ADDRESS - SECOND)
    write()


# --- A new first access ---------------------------------------------------------------


def test_a_new_first_access_without_a_check_is_refused(thief, claire):
    """S10: nothing is drawn, and the form says what is missing."""
    asked = thief.get(page(claire, "account_first_access"))
    refused = thief.post(page(claire, "account_first_access"), {"check_done": ""})

    assert "Vérifiez d’abord" in asked.text
    assert "Choisissez comment vous avez vérifié l’identité" in refused.text
    assert not claire.first_accesses.exists()


def test_a_new_first_access_is_recorded_and_notified_everywhere(thief, claire):
    """S10, S11: allowed within the 7 days, since the second factor is still asked."""
    steal_address(thief, claire)
    letters()

    slip = thief.post(page(claire, "account_first_access"), {"check_done": "video"})
    sent = letters()

    assert "Fiche de premier accès" in slip.text
    assert claire.first_accesses.get().check_done == IdentityCheck.VIDEO
    entry = AuditEntry.objects.get(action="first_access_renewed")
    assert entry.details == {"check_done": "video"}
    assert set(sent) == {TRUE, THIEF}
    assert stop_link(sent[TRUE])
    line = next(one for one in history_of(claire) if "Fiche" in one.label)
    assert line.detail == IdentityCheck.VIDEO.label
