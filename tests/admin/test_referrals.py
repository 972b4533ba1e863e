"""Acts at the desk: how they are found, the agency's word, a document tried again."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.admin.registers import (
    action_url,
    entries_since,
    list_url,
    make_referral,
    record_url,
    text_of,
)
from tests.conftest import sign_in
from tests.referrals.factories import DocumentFactory, ReferralFactory

pytestmark = pytest.mark.django_db


def test_people_are_not_found_by_their_name(as_ft_admin: Client) -> None:
    """S24: one meets a candidate on the sheet of an act, and nowhere else."""
    referral = ReferralFactory(candidate__last_name="Introuvable")

    by_name = as_ft_admin.get(list_url("referrals.referral"), {"q": "Introuvable"})
    by_number = as_ft_admin.get(list_url("referrals.referral"), {"q": referral.number})

    assert referral.number not in text_of(by_name)
    assert referral.number in text_of(by_number)
    assert "Introuvable" not in text_of(by_number)
    assert "Introuvable" in text_of(as_ft_admin.get(record_url(referral)))


def test_the_agencys_word_replaces_the_advisers(client: Client) -> None:
    """Design 2.10: France Travail's word wins, the history stays."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    sign_in(client, agent)
    referral = make_referral()
    today = timezone.localdate()
    before = AuditEntry.objects.count()

    response = client.post(
        action_url(referral, "suite"), {"code": "absent", "on": today}, follow=True
    )

    referral.refresh_from_db()
    assert referral.outcome.code_id == "absent"
    assert referral.outcome.declared_by == "france_travail"
    assert [outcome.code_id for outcome in referral.outcomes.all()] == [
        "embauche",
        "absent",
    ]
    assert entries_since(before)[0] == (Action.OUTCOME_RECORDED, str(referral.pk), "")
    assert "selon France Travail" in text_of(response)


def test_an_act_not_handed_over_has_no_outcome_yet(as_ft_admin: Client) -> None:
    """Article 7."""
    referral = ReferralFactory()
    form = {"code": "embauche", "on": timezone.localdate()}

    response = as_ft_admin.post(action_url(referral, "suite"), form, follow=True)

    assert "Cela ne se peut plus" in text_of(response)
    referral.refresh_from_db()
    assert referral.outcome is None


def test_an_outcome_is_not_of_tomorrow(as_ft_admin: Client) -> None:
    referral = ReferralFactory(handed_over=True)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    response = as_ft_admin.post(
        action_url(referral, "suite"), {"code": "embauche", "on": tomorrow}
    )

    assert "Choisissez un jour entre" in text_of(response)


def test_a_document_that_failed_is_tried_again(as_ft_admin: Client) -> None:
    document = DocumentFactory(state="echec", failure="panne")
    ready = DocumentFactory(ready=True)

    as_ft_admin.post(action_url(document.act, "relancer-le-document"))

    document.refresh_from_db()
    assert document.state == "attente"
    page = text_of(as_ft_admin.get(record_url(ready.act)))
    assert "Relancer le document" not in page
