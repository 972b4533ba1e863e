"""What each role sees and may do on each register, and the territory of each."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts.users.enums import Role
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import list_url, record_url, text_of
from tests.conftest import sign_in
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


A, C, V = "add", "change", "view"
RIGHTS = {
    Role.FT_ADMIN: {
        "accounts.agency": {A, C, V},
        "accounts.alert": {V},
        "accounts.structure": {A, C, V},
        "accounts.convention": {A, C, V},
        "accounts.nomination": {A, C, V},
        "accounts.teamreview": {V},
        "accounts.user": {A, C, V},
        "accounts.letter": {V},
        "accounts.modeltext": {A, C, V},
        "accounts.partnership": {A, C, V},
        "accounts.amendment": {V},
        "accounts.ending": {V},
        "accounts.breach": {V},
        "accounts.reviewmeeting": {A, C, V},
        "support.announcement": {A, C, V},
        "support.incident": {A, C, V},
        "support.plannedwork": {A, C, V},
        "support.survey": {A, C, V},
        "offers.offer": {V},
        "offers.importrun": {V},
        "offers.quarantine": {V},
        "offers.eventquarantine": {V},
        "offers.feeddelivery": {V},
        "offers.feedevent": {V},
        "offers.pullrun": {V},
        "offers.pullfinding": {V},
        "offers.everydayword": {A, C, V},
        "offers.missedword": {V},
        "referrals.outcomecode": {A, C, V},
        "referrals.referral": {V},
        "referrals.cvrequest": {V},
        "referrals.screenedreferral": {V},
        "referrals.caseloadtransfer": {V},
        "referrals.slot": {A, C, V},
        "referrals.appointment": {V},
        "support.ticket": {V},
        "support.question": {A, C, V},
        "support.guide": {C, V},
        "support.certifiedbrowser": {A, C, V},
        "support.rightsrequest": {A, V},
        "lib.auditentry": {V},
        "lib.jobrun": {V},
        "lib.purgerun": {V},
        "accounts.accounthold": {A, V},
        "referrals.candidatehold": {A, V},
        "lib.finding": {V},
        "lib.outboxentry": {V},
        "lib.textfinding": {V},
    },
    Role.AGENT: {
        "accounts.agency": {V},
        "accounts.alert": set(),
        "accounts.structure": {V},
        "accounts.convention": {V},
        "accounts.nomination": {A, C, V},
        "accounts.teamreview": set(),
        "accounts.user": set(),
        "accounts.letter": {V},
        "accounts.modeltext": {V},
        "accounts.partnership": {V},
        "accounts.amendment": {V},
        "accounts.ending": {V},
        "accounts.breach": {V},
        "accounts.reviewmeeting": {A, C, V},
        "support.announcement": {V},
        "support.incident": {V},
        "support.plannedwork": {V},
        "support.survey": set(),
        "offers.offer": {V},
        "offers.importrun": set(),
        "offers.quarantine": set(),
        "offers.eventquarantine": set(),
        "offers.feeddelivery": set(),
        "offers.feedevent": set(),
        "offers.pullrun": set(),
        "offers.pullfinding": set(),
        "offers.everydayword": {V},
        "offers.missedword": set(),
        "referrals.outcomecode": {V},
        "referrals.referral": {V},
        "referrals.cvrequest": {V},
        "referrals.screenedreferral": {V},
        "referrals.caseloadtransfer": set(),
        "referrals.slot": {A, C, V},
        "referrals.appointment": {V},
        "support.ticket": {V},
        "support.question": set(),
        "support.guide": set(),
        "support.certifiedbrowser": set(),
        "support.rightsrequest": {A, V},
        "lib.auditentry": set(),
        "lib.jobrun": set(),
        "lib.purgerun": set(),
        "accounts.accounthold": set(),
        "referrals.candidatehold": set(),
        "lib.finding": set(),
        "lib.outboxentry": set(),
        "lib.textfinding": set(),
    },
    Role.ADVISER: {},
    Role.RGC: {},
}


@pytest.mark.parametrize("role", RIGHTS)
def test_rights_of_each_role_on_each_register(rf: Any, role: Role) -> None:
    """S27: the snapshot; nobody may delete anything."""
    makers = {
        Role.FT_ADMIN: FtAdminFactory,
        Role.AGENT: AgentFactory,
        Role.ADVISER: AdviserFactory,
        Role.RGC: RgcFactory,
    }
    request = rf.get("/admin/")
    request.user = makers[role]()

    held = {
        model._meta.label_lower: {
            verb
            for verb, allowed in model_admin.get_model_perms(request).items()
            if allowed
        }
        for model, model_admin in admin.site._registry.items()
    }

    expected = RIGHTS[role] or dict.fromkeys(held, set())
    assert held == expected


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


def test_the_journal_is_for_national_staff(client: Client) -> None:
    sign_in(client, FtAdminFactory(agency=AgencyFactory(kind="dr")))

    assert client.get(list_url("lib.auditentry")).status_code == 403


def test_an_agent_sees_the_acts_on_his_agencys_offers(client: Client) -> None:
    ours = ReferralFactory(offer__agency_safir="38086")
    theirs = ReferralFactory(offer__agency_safir="69001")
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))

    page = text_of(client.get(list_url("referrals.referral")))

    assert ours.number in page
    assert theirs.number not in page
    assert client.get(record_url(theirs)).status_code == 404
