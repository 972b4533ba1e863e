"""Nobody overwrites unseen: each form that edits a row, opened twice."""

import datetime as dt
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.nominations import actions as nomination_actions
from opus.lib.database.versions import Versioned
from opus.lib.dates import moment
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin, StaffAdmin
from opus.support.tickets import actions
from referrals.candidates.models import Candidate
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
)
from tests.admin.registers import MAKERS, action_url, record_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.forms import Form, longest_form
from tests.referrals.factories import (
    CandidateFactory,
    ReferralFactory,
    SavedSearchFactory,
)
from tests.support.factories import AnnouncementFactory, TicketFactory

pytestmark = pytest.mark.django_db

# Rows in a state in which their sheet still changes, where the usual one is closed.
OPEN_ROWS: dict[str, Callable[[], Any]] = {
    "accounts.convention": lambda: ConventionFactory(draft=True),
    "accounts.nomination": lambda: NominationFactory(
        without_account=True, state="propose"
    ),
    "support.announcement": lambda: AnnouncementFactory(draft=True),
}


def editable_registers() -> set[str]:
    """The registers whose sheet is a form, found in the admin itself."""
    return {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if isinstance(page, StaffAdmin) and not isinstance(page, ReadOnlyAdmin)
    }


def row_of(label: str) -> Any:
    return OPEN_ROWS.get(label, MAKERS[label])()


def partner_pages() -> dict[str, Callable[[], tuple[Any, Any, str]]]:
    """The partners' edit forms, and the buttons of the admin that edit a row: who
    opens it, the row, the address.
    """

    def candidate() -> tuple[Any, Any, str]:
        row = CandidateFactory()
        return row.adviser, row, reverse("candidate_edit", args=[row.pk])

    def account() -> tuple[Any, Any, str]:
        rgc = RgcFactory()
        row = AdviserFactory(structure=rgc.structure)
        return rgc, row, reverse("account_edit", args=[row.public_id])

    def saved_search() -> tuple[Any, Any, str]:
        row = SavedSearchFactory()
        return row.account, row, reverse("saved_search_edit", args=[row.pk])

    def rectified() -> tuple[Any, Any, str]:
        act = ReferralFactory(handed_over=True, offer__agency_safir="38086")
        agent = AgentFactory(agency=AgencyFactory(safir="38086"))
        return agent, act.candidate, action_url(act, "rectifier")

    return {
        "candidate": candidate,
        "account": account,
        "saved search": saved_search,
        "rectify": rectified,
    }


# Left out: texts that take no letters added at their end. They are compared by the same
# code as those that are tried.
WITH_A_SHAPE = {
    *("siret", "phone", "postcode", "commune_code", "department", "region", "aurore"),
    *("latitude", "longitude", "quota", "rank", "ft_id", "slug", "trades"),
    # Another row, found by what is typed.
    *("agency", "parent", "structure", "convention"),
}


def shown_names(form: Form) -> list[str]:
    """The texts of a form that it compares, in the order of the page."""
    [shown] = form.values["shown"]
    compared = json.loads(shown)["f"]
    return [
        name for name in form.typed if name in compared and name not in WITH_A_SHAPE
    ]


def other(value: str, mark: str) -> str:
    """Something else that the field accepts: an address stays one."""
    return f"{mark.lower()}{value}" if "@" in value else f"{value} {mark}".strip()


def open_twice(client: Client, url: str) -> tuple[Form, Form]:
    pages = [client.get(url) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    first, second = (longest_form(page) for page in pages)
    return first, second


def save(client: Client, form: Form, **typed: str) -> Any:
    # A reason is asked each time: no page answers it.
    reason = {"reason": form.choices["reason"][-1]} if "reason" in form.choices else {}
    return client.post(form.action, form.data(**reason, **typed))


def try_page(client: Client, row: Any, url: str) -> list[str]:
    """Walk one form in two tabs; return the names of the fields it tried."""
    first, second = open_twice(client, url)
    names = shown_names(first)[:2]
    for name in names[:1]:
        before = first.values[name][0]
        saved = save(client, first, **{name: other(before, "Un")})
        assert saved.status_code == 302, saved.context["form"].errors

        refused = save(client, second, **{name: other(before, "Deux")})

        assert refused.status_code in (200, 409)
        text = refused.content.decode()
        assert other(before, "Un") in text
        assert other(before, "Deux") in text
        row.refresh_from_db()
        assert getattr(row, name) == other(before, "Un")

        again = longest_form(refused)
        assert again.values[name] == [other(before, "Deux")]
        assert save(client, again).status_code == 302
        row.refresh_from_db()
        assert getattr(row, name) == other(before, "Deux")
    if len(names) == 2:
        one, two = names
        first, second = open_twice(client, url)
        mine, hers = (
            other(first.values[one][0], "A"),
            other(first.values[two][0], "B"),
        )
        assert save(client, first, **{one: mine}).status_code == 302
        assert save(client, second, **{two: hers}).status_code == 302
        row.refresh_from_db()
        assert [getattr(row, one), getattr(row, two)] == [mine, hers]
    return names


# Sheets without any text of their own: numbers, dates and choices only.
WITHOUT_TEXT = {
    "accounts.accounthold",
    "support.rightsrequest",
    "support.survey",
    "referrals.candidatehold",
    "referrals.slot",
}


@each_case("label", sorted(editable_registers()))
def test_a_sheet_open_in_two_tabs_loses_nothing(as_ft_admin: Client, label: str):
    row = row_of(label)

    names = try_page(as_ft_admin, row, record_url(row))
    sys.stdout.write(f"{label}: {', '.join(names) or 'no text of its own'}\n")

    assert bool(names) == (label not in WITHOUT_TEXT), names


@pytest.mark.parametrize("page", partner_pages())
def test_a_form_open_in_two_tabs_loses_nothing(client: Client, page: str):
    reader, row, url = partner_pages()[page]()
    sign_in(client, reader)

    names = try_page(client, row, url)

    sys.stdout.write(f"{page}: {', '.join(names)}\n")
    assert names


def test_a_form_of_a_draft_is_refused_once_a_colleague_signed(as_ft_admin: Client):
    """« Enregistré » was the answer, and nothing was saved."""
    draft = ConventionFactory(draft=True)
    stale, _ = open_twice(as_ft_admin, record_url(draft))
    colleague = FtAdminFactory()
    day = dt.date(2024, 1, 10)
    draft.sign(by=colleague, signed_by_ft_on=day, signed_by_structure_on=day)

    page = save(as_ft_admin, stale, signed_ft_contact="Jeanne Attendue")

    text = page.content.decode()
    assert page.status_code in (200, 409)
    assert "Jeanne Attendue" in text
    assert str(colleague) in text
    draft.refresh_from_db()
    assert draft.signed_ft_contact != "Jeanne Attendue"


def test_a_sheet_closed_meanwhile_gives_back_what_was_typed(as_ft_admin: Client):
    nomination = NominationFactory(without_account=True, state="propose")
    stale, _ = open_twice(as_ft_admin, record_url(nomination))
    nomination_actions.abandon(nomination, by=FtAdminFactory())

    page = save(as_ft_admin, stale, function="Cheffe de projet")

    assert page.status_code == 409
    assert "Cheffe de projet" in page.content.decode()


def test_a_stale_decision_says_who_decided_what_and_when(as_ft_admin: Client):
    nomination = NominationFactory(without_account=True, state="propose")
    url = action_url(nomination, "refuser")
    stale = longest_form(as_ft_admin.get(url))
    colleague = FtAdminFactory()
    nomination_actions.abandon(nomination, by=colleague)

    page = save(as_ft_admin, stale)

    step = nomination.steps.get(target="abandonne")
    label = nomination.get_state_display()
    told = f"«\u00a0{label}\u00a0» le {moment(step.at)} par {colleague}"
    assert f"Passé à l’état {told}" in page.content.decode()


def test_a_second_answer_to_a_ticket_is_given_back(as_ft_admin: Client, ft_admin: Any):
    """Who answered and when, and the text that was typed."""
    ticket = TicketFactory(taken=True)
    url = action_url(ticket, "repondre")
    stale = longest_form(as_ft_admin.get(url))
    colleague = FtAdminFactory()
    actions.answer(ticket, by=colleague, text="C’est réglé.")

    page = as_ft_admin.post(stale.action, stale.data(text="Voici comment faire."))

    assert page.status_code == 409
    assert "Voici comment faire." in page.content.decode()
    assert str(colleague) in page.content.decode()


def test_every_row_that_a_form_edits_is_numbered_by_the_database():
    """Each table has its trigger, whoever writes."""
    versioned = [model for model in apps.get_models() if issubclass(model, Versioned)]
    assert editable_registers() <= {model._meta.label_lower for model in versioned}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table FROM information_schema.triggers"
            " WHERE trigger_name = event_object_table || '_version'"
        )
        assert {table for (table,) in cursor.fetchall()} == {
            model._meta.db_table for model in versioned
        }


def test_a_statement_typed_by_hand_raises_the_number():
    candidate = CandidateFactory()

    Candidate.objects.filter(pk=candidate.pk).update(city="Vienne")

    candidate.refresh_from_db()
    assert candidate.version == 2
