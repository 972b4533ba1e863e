"""Conventions at the desk: written, signed, changed, ended."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Convention, ConventionState
from opus.lib.audit import Action
from opus.lib.models import AuditEntry
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import entries_since, sheet_url, text_of, verb_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def convention_form(convention: Convention, **changes: Any) -> dict[str, Any]:
    """What the browser would post from the sheet."""
    names = [
        "agency",
        "number",
        "ft_contact",
        "parent_number",
        "parent_ends_on",
        "signed_by_ft_on",
        "signed_by_structure_on",
        "starts_on",
        "ends_on",
        "quota",
    ]
    values = {name: getattr(convention, name) or "" for name in names}
    values["agency"] = convention.agency_id
    for name in ["grants_consultation", "grants_referrals"]:
        if getattr(convention, name):
            values[name] = "on"
    return values | changes


def test_a_convention_is_written_then_signed(as_ft_admin: Client) -> None:
    structure = StructureFactory(convention=None)
    draft = ConventionFactory.build(structure=structure, agency=structure.agency)
    url = reverse("admin:accounts_convention_add")

    form = convention_form(draft, structure=structure.pk)
    response = as_ft_admin.post(url, form)
    convention = Convention.objects.get()
    assert response.status_code == 302
    assert convention.state == ConventionState.DRAFT
    before = AuditEntry.objects.count()
    as_ft_admin.post(verb_url(convention, "signer"))

    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED
    assert entries_since(before) == [
        (Action.CONVENTION_CHANGED, str(convention.pk), "")
    ]


def test_the_state_is_not_typed(as_ft_admin: Client) -> None:
    convention = ConventionFactory(draft=True)

    as_ft_admin.post(sheet_url(convention), convention_form(convention, state="signee"))

    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT


def test_signing_without_signatures_is_refused_in_french(as_ft_admin: Client) -> None:
    convention = ConventionFactory(draft=True)
    before = AuditEntry.objects.count()

    response = as_ft_admin.post(verb_url(convention, "signer"), follow=True)

    sentence = (
        "Une convention signée porte ses deux dates de signature, et ne prend pas "
        "effet avant la dernière (art. 13)."
    )
    assert sentence in text_of(response)
    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT
    assert entries_since(before) == [
        (Action.CONVENTION_CHANGED, str(convention.pk), sentence)
    ]


def test_two_conventions_of_a_structure_do_not_overlap(as_ft_admin: Client) -> None:
    signed = ConventionFactory()
    second = ConventionFactory(
        structure=signed.structure, agency=signed.agency, state=ConventionState.DRAFT
    )

    response = as_ft_admin.post(verb_url(second, "signer"), follow=True)

    assert "Une autre convention de cette structure couvre déjà" in text_of(response)


def test_dates_of_a_signed_convention_are_checked_on_its_sheet(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory()
    form = convention_form(convention, signed_by_ft_on="")

    response = as_ft_admin.post(sheet_url(convention), form)

    assert response.status_code == 200
    assert "Une convention signée porte ses deux dates" in text_of(response)


def test_the_quota_stays_above_the_accounts_in_use(as_ft_admin: Client) -> None:
    """The list of accounts tells which to close first (design 2.3)."""
    first = AdviserFactory()
    second = AdviserFactory(structure=first.structure)
    RgcFactory(structure=first.structure)
    convention = first.structure.conventions.get()

    response = as_ft_admin.post(
        sheet_url(convention), convention_form(convention, quota=1)
    )

    assert response.status_code == 200
    page = text_of(response)
    assert f"{first} ({first.identifier})" in page
    assert f"{second} ({second.identifier})" in page
    convention.refresh_from_db()
    assert convention.quota == 20
    as_ft_admin.post(sheet_url(convention), convention_form(convention, quota=2))
    convention.refresh_from_db()
    assert convention.quota == 2


def test_a_change_is_told_with_its_figures(as_ft_admin: Client) -> None:
    """S37."""
    convention = ConventionFactory()

    form = convention_form(convention, quota=5, ft_contact="Mme Essai")
    as_ft_admin.post(sheet_url(convention), form)

    entry = AuditEntry.objects.get(action=Action.ADMIN_CHANGED)
    assert entry.target_id == str(convention.pk)
    assert entry.details == {"fields": {"quota": [20, 5], "ft_contact": None}}


def test_notice_then_end(as_ft_admin: Client) -> None:
    convention = ConventionFactory()
    last = timezone.localdate() + dt.timedelta(days=31)

    late = as_ft_admin.post(
        verb_url(convention, "preavis"),
        {"origin": "structure", "ends_on": "2026-01-01"},
    )
    assert "Ce jour est passé" in text_of(late)
    as_ft_admin.post(
        verb_url(convention, "preavis"), {"origin": "structure", "ends_on": last}
    )
    convention.refresh_from_db()
    assert (convention.state, convention.ends_on) == (ConventionState.NOTICE, last)
    as_ft_admin.post(verb_url(convention, "resilier"), {"reason": "accord"})

    convention.refresh_from_db()
    assert convention.state == ConventionState.TERMINATED
    entry = AuditEntry.objects.latest("pk")
    assert entry.details == {"verb": "resilier", "reason": "accord"}


def test_a_button_pressed_twice_is_refused_in_french(as_ft_admin: Client) -> None:
    convention = ConventionFactory()
    as_ft_admin.post(verb_url(convention, "resilier"), {"reason": "accord"})

    response = as_ft_admin.post(
        verb_url(convention, "resilier"), {"reason": "accord"}, follow=True
    )

    assert "Cela ne se peut plus" in text_of(response)
    page = text_of(as_ft_admin.get(verb_url(convention, "resilier")))
    assert "cela ne se peut pas, ou plus" in page


def test_an_agent_presses_no_button_of_the_directorates(client: Client) -> None:
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))
    convention = ConventionFactory(
        structure__agency__safir="38086", structure__convention=None
    )

    assert "Résilier" not in text_of(client.get(sheet_url(convention)))
    assert client.get(verb_url(convention, "resilier")).status_code == 403
    assert client.post(verb_url(convention, "resilier")).status_code == 403
    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED


def test_an_unknown_button_does_not_exist(as_ft_admin: Client) -> None:
    convention = ConventionFactory()

    assert as_ft_admin.get(verb_url(convention, "effacer")).status_code == 404
