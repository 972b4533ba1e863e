"""A structure's page: the steps, the next one's button, and what belongs to it."""

import datetime as dt
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.users.models import User
from opus.lib.audit.journal import Action, record
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    LetterFactory,
    NominationFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import action_url, list_url, record_url
from tests.conftest import sign_in
from tests.desk.test_work import populate
from tests.forms import longest_form
from tests.opus.page import Page
from tests.support.factories import TicketFactory

pytestmark = pytest.mark.django_db


def steps_of(client: Client, structure: Any) -> list[tuple[str, str, str]]:
    """State, title and where the button leads, in the order of the page."""
    response = client.get(record_url(structure))
    assert response.status_code == 200
    return [
        (step.state, step.title, step.verb_url)
        for step in response.context["hub"].steps
    ]


def test_a_new_structure_begins_with_its_convention(as_ft_admin: Client) -> None:
    structure = StructureFactory(convention=None)

    steps = steps_of(as_ft_admin, structure)

    add = reverse("admin:accounts_convention_add")
    assert steps == [
        ("now", "Convention à préparer", f"{add}?structure={structure.pk}"),
        ("next", "RGC à proposer", ""),
        ("next", "Comptes à ouvrir", ""),
    ]
    assert as_ft_admin.get(steps[0][2]).status_code == 200


def test_each_next_step_of_a_partner_is_a_button(as_ft_admin: Client) -> None:
    """« Convention signée ✓ · RGC à proposer → »."""
    structure = StructureFactory()
    convention = structure.conventions.get()
    add = f"{reverse('admin:accounts_nomination_add')}?convention={convention.pk}"

    assert steps_of(as_ft_admin, structure)[:2] == [
        ("done", "Convention signée", ""),
        ("now", "Recueillir la proposition d’un RGC", add),
    ]
    nomination = NominationFactory(
        convention=convention, state=NominationState.PROPOSED
    )
    decide = "Enregistrer la décision sur le RGC proposé"
    assert steps_of(as_ft_admin, structure)[1] == (
        "now",
        decide,
        record_url(nomination),
    )
    nomination.delete()
    RgcFactory(structure=structure)
    AdviserFactory(structure=structure)
    letter = LetterFactory(convention=convention)
    steps = steps_of(as_ft_admin, structure)
    assert [step[:2] for step in steps] == [
        ("done", "Convention signée"),
        ("done", "RGC en fonction"),
        ("now", "Noter la remise de la convention au RGC"),
        ("done", f"Comptes\xa0: 1 sur {convention.quota}"),
        ("now", "Poster une lettre recommandée"),
        ("late", "Planifier une réunion de suivi"),
    ]
    assert steps[-2][2] == record_url(letter)


def test_what_is_past_its_day_is_late(as_ft_admin: Client) -> None:
    left = NominationFactory(
        state=NominationState.LEFT,
        ended_on=timezone.localdate() - dt.timedelta(days=12),
    )

    steps = steps_of(as_ft_admin, left.convention.structure)

    url = action_url(left, "lettre-vacance")
    assert ("late", "Obtenir la lettre de la structure", url) in steps


def test_an_agent_reads_what_others_do(client: Client) -> None:
    """K: no button for what he may not do, no name of an account."""
    structure = populate()
    adviser = AdviserFactory(structure=structure, last_name="Fontanel")
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))

    response = client.get(record_url(structure))

    steps = {step.title: step for step in response.context["hub"].steps}
    assert steps["Poster une lettre recommandée"].verb_url == ""
    assert steps["Poster une lettre recommandée"].url
    assert adviser.last_name not in response.text
    assert "Comptes de conseiller ouverts" in response.text


def test_after_saving_one_stays_on_the_object(as_ft_admin: Client) -> None:
    structure = StructureFactory()
    form = longest_form(as_ft_admin.get(record_url(structure)))
    fields = form.data(name="Nouveau nom")

    response = as_ft_admin.post(record_url(structure), fields, follow=True)

    assert response.redirect_chain == [(record_url(structure), 302)]
    assert "Enregistré" in response.text
    assert "Nouveau nom" in response.text


def test_its_past_gathers_all_that_belongs_to_it(
    as_ft_admin: Client, django_assert_max_num_queries: Any
) -> None:
    """One statement: its conventions, RGC, letters, amendments, breaches, meetings."""
    structure = StructureFactory()
    convention = structure.conventions.get()
    today = timezone.localdate()
    rgc = RgcFactory(structure=structure).nominations.get()
    letter = LetterFactory(convention=convention, posted=True)
    meeting = ReviewMeetingFactory(convention=convention, held=True)
    amendment = AmendmentFactory(convention=convention, quota=30, confirmed=True)
    breach = BreachFactory(convention=convention, notified=True)
    LetterFactory(posted=True)

    past = as_ft_admin.get(record_url(structure)).context["hub"].past

    rows = (convention, rgc, letter, meeting, amendment, breach)
    assert {line.url for line in past} == {record_url(row) for row in rows}
    labels = [line.label for line in past]
    assert "Réunion de suivi tenue" in labels
    assert f"Convention n°\xa0{convention.number}, signée" in labels
    posted = [label for label in labels if letter.number in label]
    assert posted
    assert posted[0].startswith(f"Lettre n°\xa0{letter.number}, ")
    assert [line.on for line in past] == sorted(
        (line.on for line in past), reverse=True
    )
    assert past[0].on <= today + dt.timedelta(days=60)


def test_its_journal_gathers_the_lines_of_all_that_belongs_to_it(
    as_ft_admin: Client, ft_admin: User
) -> None:
    structure = StructureFactory()
    convention = structure.conventions.get()
    mine = [
        structure,
        convention,
        NominationFactory(convention=convention),
        LetterFactory(convention=convention),
        ReviewMeetingFactory(convention=convention),
        AdviserFactory(structure=structure),
        TicketFactory(structure=structure),
    ]
    for row in (*mine, LetterFactory(), StructureFactory()):
        record(Action.ADMIN_CHANGED, by=ft_admin, target=row)
    history = reverse("admin:accounts_structure_history", args=[structure.pk])

    page = as_ft_admin.get(history, follow=True)

    lines = {(row.target_type, row.target_id) for row in page.context["cl"].result_list}
    assert {(row._meta.label_lower, str(row.pk)) for row in mine} <= lines
    assert len(lines) == len(mine)
    assert record_url(structure) in Page.of(page).links().values()


LISTS = ("user", "convention", "nomination", "letter", "reviewmeeting", "alert")


def test_each_list_of_a_structure_names_it_and_leads_back(as_ft_admin: Client) -> None:
    structure = populate()
    for label in (*(f"accounts.{name}" for name in LISTS), "support.ticket"):
        response = as_ft_admin.get(list_url(label), {"structure": structure.pk})
        rows = response.context["cl"].result_list

        assert rows, label
        assert structure.name in response.context["title"]
        assert record_url(structure) in Page.of(response).links().values()
        stranger = as_ft_admin.get(list_url(label), {"structure": "0"}, follow=True)
        assert "Un filtre de cette adresse n’existe pas" in stranger.text


def test_what_belongs_to_it_leads_to_its_page(as_ft_admin: Client) -> None:
    structure = populate()
    convention = structure.conventions.get()
    rows = [convention.nominations.get(), convention.review_meetings.get()]
    pages = [as_ft_admin.get(record_url(row)) for row in rows]
    activity = as_ft_admin.get(reverse("activity"), {"vue": structure.pk})
    for response in (*pages, activity):
        assert Page.of(response).links()[structure.name] == record_url(structure)


def test_the_page_takes_the_same_queries_for_ten_letters(
    as_ft_admin: Client, django_assert_max_num_queries: Any
) -> None:
    structure = populate()
    LetterFactory.create_batch(9, convention=structure.conventions.get())
    ConventionFactory.create_batch(3)

    with django_assert_max_num_queries(30) as captured:
        as_ft_admin.get(record_url(structure))
    sys.stdout.write(f"{len(captured)} queries\n")
