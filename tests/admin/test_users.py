"""Accounts at the desk: who may do what, suspended, closed, held in a lawsuit: V11."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.team import actions
from accounts.users.enums import Role, UserState
from accounts.users.models import AccountHold, User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from referrals.privacy.models import CandidateHold
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
    UserFactory,
    amend,
)
from tests.admin.registers import (
    action_url,
    entries_since,
    list_url,
    record_url,
    text_of,
)
from tests.conftest import sign_in
from tests.referrals.factories import CandidateHoldFactory, ReferralFactory

pytestmark = pytest.mark.django_db


def account_form(**changes: Any) -> dict[str, Any]:
    return {
        "first_name": "Nadia",
        "last_name": "Ferrand",
        "email": "nadia.ferrand@partenaire.example",
        "phone": "04 65 71 00 11",
        "function": "Responsable",
        "structure": "",
        "agency": "",
        "reason": "erreur",
    } | changes


ADD_USER = "admin:accounts_user_add"


def test_two_people_with_one_address_meet_a_message(as_ft_admin: Client) -> None:
    UserFactory(role=Role.FT_ADMIN, email="nadia.ferrand@partenaire.example")

    response = as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN))

    assert "Un compte utilise déjà cette adresse de courriel." in text_of(response)


def test_what_an_action_refuses_is_said_on_the_form_as_it_was_typed(
    as_ft_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = AdviserFactory()

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise MoveRefused("Trop tard.")

    monkeypatch.setattr(actions, "change_account_by_staff", refuse)
    page = as_ft_admin.post(record_url(account), account_form())

    assert page.context["adminform"].form.non_field_errors() == ["Trop tard."]
    assert 'value="nadia.ferrand@partenaire.example"' in text_of(page)
    account.refresh_from_db()
    assert account.email != "nadia.ferrand@partenaire.example"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MoveRefused("Trop tard."), "Trop tard."),
        (ValidationError(["Trop tard.", "Trop peu."]), "Trop tard. Trop peu."),
    ],
)
def test_what_a_button_refuses_is_said_in_its_words(
    as_ft_admin: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    account = AdviserFactory()
    buttons = admin.site.get_model_admin(User).admin_actions
    [closing] = [one for one in buttons if one.slug == "fermer-sessions"]

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(closing.form, "act", staticmethod(refuse))
    page = as_ft_admin.post(action_url(account, closing.slug), {})

    assert page.status_code == 409
    assert page.context["form"].non_field_errors() == [words]


def test_nobody_types_a_password_or_an_identifier(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    before = (account.password, account.identifier, account.role, account.state)

    as_ft_admin.post(
        record_url(account),
        account_form(
            password="choisi par un autre",
            identifier="IDA-0001",
            role=Role.FT_ADMIN,
            state=UserState.CLOSED,
        ),
    )

    account.refresh_from_db()
    after = (account.password, account.identifier, account.role, account.state)
    assert account.last_name == "Ferrand"
    assert after == before


def test_an_address_changed_at_the_desk_is_told_to_both_mailboxes(
    as_ft_admin: Client,
) -> None:
    """S11: as on the RGC's own page; the journal tells which fields, and no address."""
    account = AdviserFactory(email="ancienne@partenaire.example")
    form = account_form(email="neuve@partenaire.example")
    as_it_was = {
        name: getattr(account, name) for name in form if hasattr(account, name)
    }
    del as_it_was["structure"], as_it_was["agency"], as_it_was["email"]

    as_ft_admin.post(record_url(account), form | as_it_was)
    outbox.relay()

    assert {letter.to[0] for letter in mail.outbox} == {
        "ancienne@partenaire.example",
        "neuve@partenaire.example",
    }
    entry = AuditEntry.objects.get(action=Action.ACCOUNT_CHANGED)
    assert entry.details["fields"] == ["email"]
    assert "partenaire.example" not in str(entry.details)


def test_suspend_reactivate_close(as_ft_admin: Client) -> None:
    account = AdviserFactory(last_login=timezone.now())
    before = AuditEntry.objects.count()

    as_ft_admin.post(action_url(account, "suspendre"), {"reason": "usage"})
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    as_ft_admin.post(action_url(account, "reactiver"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    as_ft_admin.post(action_url(account, "fermer"), {"reason": "depart"})
    account.refresh_from_db()
    assert account.state == UserState.CLOSED

    pk = str(account.pk)
    assert entries_since(before) == [
        (Action.ACCOUNT_SUSPENDED, pk, ""),
        (Action.ACCOUNT_REACTIVATED, pk, ""),
        (Action.ACCOUNT_CLOSED, pk, ""),
    ]


def test_a_full_structure_gets_no_account_back(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    convention = account.structure.conventions.get()
    as_ft_admin.post(action_url(account, "suspendre"), {"reason": "place"})
    amend(convention, quota=0)

    response = as_ft_admin.post(action_url(account, "reactiver"), follow=True)

    assert "La convention ne prévoit aucun compte" in text_of(response)
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED


def test_nobody_suspends_himself(as_ft_admin: Client, ft_admin: Any) -> None:
    as_ft_admin.post(action_url(ft_admin, "suspendre"), {"reason": "usage"})

    ft_admin.refresh_from_db()
    assert ft_admin.state == UserState.ACTIVE


def test_accounts_ask_the_factor_again_after_a_while(as_ft_admin: Client) -> None:
    """S17."""
    account = AdviserFactory()
    session = as_ft_admin.session
    session["confirmed"] = timezone.now().timestamp() - 16 * 60
    session.save()

    for response in [
        as_ft_admin.get(reverse(ADD_USER)),
        as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN)),
        as_ft_admin.post(action_url(account, "suspendre"), {"reason": "usage"}),
        as_ft_admin.post(record_url(account), account_form()),
    ]:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("step_up"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    assert account.last_name != "Ferrand"
    assert as_ft_admin.get(record_url(account)).status_code == 200


A, C, V = "add", "change", "view"
NONE: set[str] = set()
# Of an administrator, and of an agent; partners have none.
RIGHTS = {
    "accounts.agency": ({A, C, V}, {V}),
    "accounts.alert": ({V}, NONE),
    "accounts.structure": ({A, C, V}, {V}),
    "accounts.convention": ({A, C, V}, {V}),
    "accounts.nomination": ({A, C, V}, {A, C, V}),
    "accounts.teamreview": ({V}, NONE),
    "accounts.user": ({A, C, V}, NONE),
    "accounts.letter": ({V}, {V}),
    "accounts.modeltext": ({A, C, V}, {V}),
    "accounts.partnership": ({A, C, V}, {V}),
    "accounts.amendment": ({V}, {V}),
    "accounts.ending": ({V}, {V}),
    "accounts.breach": ({V}, {V}),
    "accounts.reviewmeeting": ({A, C, V}, {A, C, V}),
    "support.announcement": ({A, C, V}, {V}),
    "support.incident": ({A, C, V}, {V}),
    "support.plannedwork": ({A, C, V}, {V}),
    "support.survey": ({A, C, V}, NONE),
    "offers.offer": ({V}, {V}),
    "offers.importrun": ({V}, NONE),
    "offers.quarantine": ({V}, NONE),
    "offers.eventquarantine": ({V}, NONE),
    "offers.feeddelivery": ({V}, NONE),
    "offers.feedevent": ({V}, NONE),
    "offers.pullrun": ({V}, NONE),
    "offers.pullfinding": ({V}, NONE),
    "offers.everydayword": ({A, C, V}, {V}),
    "offers.missedword": ({V}, NONE),
    "referrals.outcomecode": ({A, C, V}, {V}),
    "referrals.referral": ({V}, {V}),
    "referrals.cvrequest": ({V}, {V}),
    "referrals.screenedreferral": ({V}, {V}),
    "referrals.caseloadtransfer": ({V}, NONE),
    "referrals.slot": ({A, C, V}, {A, C, V}),
    "referrals.appointment": ({V}, {V}),
    "support.ticket": ({V}, {V}),
    "support.question": ({A, C, V}, NONE),
    "support.guide": ({C, V}, NONE),
    "support.certifiedbrowser": ({A, C, V}, NONE),
    "support.rightsrequest": ({A, V}, {A, V}),
    "lib.auditentry": ({V}, NONE),
    "lib.jobrun": ({V}, NONE),
    "lib.purgerun": ({V}, NONE),
    "accounts.accounthold": ({A, V}, NONE),
    "referrals.candidatehold": ({A, V}, NONE),
    "lib.finding": ({V}, NONE),
    "lib.outboxentry": ({V}, NONE),
    "lib.textfinding": ({V}, NONE),
}


@pytest.mark.parametrize(
    ("factory", "place"),
    [
        (FtAdminFactory, 0),
        (AgentFactory, 1),
        (AdviserFactory, None),
        (RgcFactory, None),
    ],
)
def test_rights_of_each_role_on_each_register(
    rf: Any, factory: Any, place: int | None
) -> None:
    """S27: the snapshot; nobody may delete anything."""
    request = rf.get("/admin/")
    request.user = factory()

    held = {
        model._meta.label_lower: {
            verb
            for verb, allowed in model_admin.get_model_perms(request).items()
            if allowed
        }
        for model, model_admin in admin.site._registry.items()
    }

    assert held == {
        label: NONE if place is None else rights[place]
        for label, rights in RIGHTS.items()
    }


def test_an_agent_sees_nothing_but_his_own_agencys_rows(client: Client) -> None:
    """S27: each sees his territory."""
    agency = AgencyFactory(safir="38086")
    sign_in(client, AgentFactory(agency=agency))
    ours = StructureFactory(agency=agency)
    theirs = StructureFactory(agency=AgencyFactory(safir="69001"))

    page = text_of(client.get(list_url("accounts.structure")))

    assert ours.name in page
    assert theirs.name not in page
    assert client.get(record_url(theirs)).status_code == 302
    assert client.get(record_url(theirs.conventions.get())).status_code == 302


def test_a_territorys_administrator_sees_its_agencies(client: Client) -> None:
    region = AgencyFactory(safir="69188", kind="dr")
    territory = AgencyFactory(safir="38900", kind="dt", parent=region)
    within = StructureFactory(agency=AgencyFactory(safir="38086", parent=territory))
    # Its parent was not imported: its department stands for it.
    orphan = StructureFactory(agency=AgencyFactory(safir="38036", parent=None))
    beyond = StructureFactory(
        agency=AgencyFactory(safir="69001", department="69", parent=region)
    )
    sign_in(client, FtAdminFactory(agency=territory))

    page = text_of(client.get(list_url("accounts.structure")))

    shown = {row.name for row in [within, orphan, beyond] if row.name in page}
    assert shown == {within.name, orphan.name}
    sign_in(client, FtAdminFactory(agency=region))
    assert beyond.name in text_of(client.get(list_url("accounts.structure")))


def test_an_agent_sees_the_acts_on_his_agencys_offers(client: Client) -> None:
    ours = ReferralFactory(offer__agency_safir="38086")
    theirs = ReferralFactory(offer__agency_safir="69001")
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))

    page = text_of(client.get(list_url("referrals.referral")))

    assert ours.number in page
    assert theirs.number not in page
    assert client.get(record_url(theirs)).status_code == 404


ADD_ACCOUNT = "admin:accounts_accounthold_add"
ADD_CANDIDATE = "admin:referrals_candidatehold_add"


def a_month_on() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=30)


def hold_form(**changes: Any) -> dict[str, Any]:
    return {
        "reason": "contentieux",
        "reference": "TA-2026-118",
        "ends_on": a_month_on().isoformat(),
    } | changes


def test_a_person_is_held_by_the_number_of_an_act(as_ft_admin: Client, ft_admin: Any):
    """V11: with its reason, its last day, who decided, and a line of the journal."""
    referral = ReferralFactory()

    as_ft_admin.post(reverse(ADD_CANDIDATE), hold_form(number=referral.number.lower()))

    hold = CandidateHold.objects.get()
    assert (hold.candidate, hold.placed_by) == (referral.candidate, ft_admin)
    assert (hold.reason, hold.ends_on, hold.is_in_force) == (
        "contentieux",
        a_month_on(),
        True,
    )
    entry = AuditEntry.objects.get(action="hold_placed")
    assert entry.target_id == str(hold.pk)
    assert entry.details == {
        "reason": "contentieux",
        "ends_on": a_month_on().isoformat(),
    }


def test_an_account_is_held_by_its_identifier(as_ft_admin: Client):
    """V11."""
    account = AdviserFactory()

    as_ft_admin.post(reverse(ADD_ACCOUNT), hold_form(identifier=account.identifier))

    assert AccountHold.objects.get().account == account


@pytest.mark.parametrize(
    ("address", "fields", "sentence"),
    [
        (
            ADD_CANDIDATE,
            {"number": "MEC-2020-000001"},
            "Aucune proposition ne porte ce numéro",
        ),
        (ADD_ACCOUNT, {"identifier": "IDA-????"}, "Aucun compte ne porte cet identif"),
        (
            ADD_ACCOUNT,
            {"identifier": "IDA-????", "ends_on": "2020-01-01"},
            "Ce jour est passé",
        ),
    ],
)
def test_what_was_mistyped_is_said_and_the_rest_is_kept(
    as_ft_admin: Client, address: str, fields: dict[str, str], sentence: str
):
    response = as_ft_admin.post(reverse(address), hold_form(**fields))

    text = text_of(response)
    assert response.status_code == 200
    assert sentence in text
    assert "TA-2026-118" in text
    assert not CandidateHold.objects.exists()
    assert not AccountHold.objects.exists()


def test_a_hold_is_prolonged_then_lifted(as_ft_admin: Client):
    """V11: each is a line of the journal."""
    hold = CandidateHoldFactory()
    later = a_month_on() + dt.timedelta(days=60)

    as_ft_admin.post(action_url(hold, "prolonger"), {"ends_on": later.isoformat()})
    hold.refresh_from_db()
    assert hold.ends_on == later
    as_ft_admin.post(action_url(hold, "lever"))

    hold.refresh_from_db()
    assert hold.lifted_at is not None
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["hold_placed", "hold_lifted"]
    sheet = text_of(as_ft_admin.get(record_url(hold)))
    assert "levée" in sheet
    assert "Lever la conservation" not in sheet


def test_the_list_tells_those_in_force(as_ft_admin: Client):
    """V11: an expired hold is told as such and leaves the filtered list."""
    now = AccountHoldFactory()
    past = AccountHoldFactory(lapsed=True)

    everything = text_of(as_ft_admin.get(list_url("accounts.accounthold")))
    in_force = text_of(
        as_ft_admin.get(
            list_url("accounts.accounthold"), {"conservation": "en-vigueur"}
        )
    )

    assert "échue" in everything
    assert now.reference in in_force
    assert past.reference not in in_force


def test_an_administrator_of_a_territory_sees_no_hold(client: Client):
    """V11: national staff alone."""
    hold = CandidateHoldFactory()
    sign_in(client, FtAdminFactory(agency=AgencyFactory()))

    assert client.get(list_url("referrals.candidatehold")).status_code == 403
    assert client.get(reverse(ADD_CANDIDATE)).status_code == 403
    assert client.post(action_url(hold, "lever")).status_code in {403, 404}
    hold.refresh_from_db()
    assert hold.lifted_at is None


def test_a_hold_is_not_changed_by_hand(as_ft_admin: Client):
    """V11: its reason and its reference are evidence."""
    hold = CandidateHoldFactory()

    as_ft_admin.post(record_url(hold), hold_form(reference="AUTRE"))

    hold.refresh_from_db()
    assert hold.reference != "AUTRE"
