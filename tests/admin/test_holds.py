"""Litigation holds at the desk: placed by a number, prolonged, lifted, told (V11)."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.users.models.users import AccountHold
from opus.lib.audit.models import AuditEntry
from referrals.privacy.models import CandidateHold
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    FtAdminFactory,
)
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in
from tests.referrals.factories import CandidateHoldFactory, ReferralFactory

pytestmark = pytest.mark.django_db

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
