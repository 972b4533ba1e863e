"""What the desk tells to the journal, and how it shows it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from referrals.acts.outcomes import OutcomeCode
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    NominationFactory,
)
from tests.admin.registers import action_url, entries_since, record_url
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("make", "persons"),
    [(AdviserFactory, 0), (NominationFactory, 0), (ReferralFactory, 1)],
)
def test_each_sight_of_a_persons_sheet_is_told(
    as_ft_admin: Client, ft_admin: Any, make: Any, persons: int
) -> None:
    """S38."""
    instance = make()
    before = AuditEntry.objects.count()

    as_ft_admin.get(record_url(instance))

    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.action, entry.actor, entry.target_id, entry.persons) == (
        Action.ADMIN_READ,
        ft_admin.identifier,
        str(instance.pk),
        persons,
    )


def test_a_registers_row_added_or_changed_is_told(as_ft_admin: Client) -> None:
    """S37."""
    form = {"code": "essai", "label": "Essai", "kind": "retrait", "position": 50}

    as_ft_admin.post(reverse("admin:referrals_outcomecode_add"), form)
    code = OutcomeCode.objects.get(code="essai")
    as_ft_admin.post(record_url(code), form | {"label": "Essai bis", "code": "autre"})

    assert OutcomeCode.objects.get(code="essai").label == "Essai bis"
    assert [row[0] for row in entries_since(0)] == [
        Action.ADMIN_ADDED,
        Action.ADMIN_CHANGED,
    ]


def test_the_journal_button_shows_what_was_done_to_this_object(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory(draft=True)
    signed_on = {
        "signed_by_ft_on": "2026-01-10",
        "signed_by_structure_on": "2026-01-12",
    }
    as_ft_admin.post(action_url(convention, "signer"), signed_on)
    url = reverse("admin:accounts_convention_history", args=[convention.pk])

    response = as_ft_admin.get(url, follow=True)

    rows = response.context["cl"].result_list
    assert [row.action for row in rows] == [Action.CONVENTION_CHANGED]
