"""Every address with a person's number is counted, and held by a ceiling: S25, S39."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.security import personal_data_quotas
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import AdviserFactory, FtAdminFactory
from tests.accounts.journal import somebody
from tests.admin.registers import action_url, record_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.factories import ReferralFactory
from tests.walk import NOBODY, Address, addresses

pytestmark = pytest.mark.django_db

# An account's number, of the RGC's pages: they count persons and name none.
ACCOUNTS_PAGES = {
    "account_close",
    "account_confide",
    "account_hand_over",
    "account_hand_over_stop",
    "account_take_back",
}
# The numbers of acts stand in no other address of the admin.
ADMIN_OF_ACTS = tuple(
    f"/admin/referrals/{name}/{number}/"
    for name in ["referral", "screenedreferral", "cvrequest", "appointment"]
    for number in [1, NOBODY]
)
# They send elsewhere without a look: to the journal, to the sheet.
SENDS_AWAY = {
    f"{prefix}{page}" for prefix in ADMIN_OF_ACTS for page in ["", "history/"]
}


def is_of_a_person(address: Address) -> bool:
    """Whether it has the number of a person, an act or a document in it."""
    if address.is_admin:
        return address.path.startswith(ADMIN_OF_ACTS)
    is_ours = address.view.__module__.startswith("referrals.")
    return is_ours and str(NOBODY) in address.path


def sign_in_as(client: Client, factory: Any) -> Any:
    user = factory()
    sign_in(client, user)
    return user


EVERY = {address.path: address for address in addresses()}
NUMBERED = sorted(
    path
    for path, address in EVERY.items()
    if is_of_a_person(address)
    and address.name not in ACCOUNTS_PAGES
    and path not in SENDS_AWAY
)


def test_the_walk_meets_the_pages_of_persons():
    """The control: an empty walk would hold nothing."""
    found = {EVERY[path].name for path in NUMBERED}
    assert {"candidate", "referral", "referral_confirm", "document_pdf"} <= found
    assert {"referrals_referral_change", "referrals_cvrequest_file"} <= found


@each_case("path", NUMBERED, at_each_run=20)
def test_a_number_that_is_nobodys_is_told_to_the_journal(client: Client, path):
    """S39: who tries numbers is counted, whatever the page."""
    user = sign_in_as(
        client, FtAdminFactory if EVERY[path].is_admin else AdviserFactory
    )

    response = client.get(path)
    if response.status_code == 405:
        response = client.post(path)

    assert response.status_code == 404
    told = AuditEntry.objects.get(action=Action.NOT_FOUND)
    assert told.actor_id == user.pk
    assert told.details["part"] == EVERY[path].name
    assert str(NOBODY) not in str(told.details)


def test_no_other_page_is_taken_for_one_of_a_person():
    """A mistyped address elsewhere is nobody's business."""
    counted = {
        path
        for path, address in EVERY.items()
        if getattr(address.view, "is_about_persons", False)
    }
    assert counted - SENDS_AWAY == set(NUMBERED)


def test_above_the_ceiling_the_desk_shows_nobody_either(client: Client):
    """S25: the sheet of an act and its buttons' pages have the candidate on them."""
    admin = sign_in_as(client, FtAdminFactory)
    referral = ReferralFactory(candidate__last_name="Zzcanari", handed_over=True)
    pages = [record_url(referral), action_url(referral, "suite")]
    assert "Zzcanari" in client.get(pages[0]).text  # The control.
    others = settings.DETECTION.persons_an_hour
    personal_data_quotas.show(
        admin, Action.PERSONS_LISTED, {somebody() for _ in range(others - 1)}
    )
    other = ReferralFactory(candidate__last_name="Zzautre", handed_over=True)

    for page in [record_url(other), action_url(other, "suite")]:
        response = client.get(page)
        assert (response.status_code, "Zzautre" in response.text) == (429, False)
