"""The agency works its queue through, and the adviser answers in place."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from opus.lib.dates import next_working_day
from referrals.acts.states import ScreenedState
from referrals.appointments.models import Appointment
from referrals.documents.actions import make_document
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AdviserFactory, AgencyFactory, AgentFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import AppointmentFactory, CandidateFactory
from tests.referrals.screened import in_state

QUESTION = "Quels jours le candidat est-il libre ?"
ANSWER = "Tous les jours de la semaine, sauf le mercredi."


@pytest.fixture
def agent(transactional_db: None) -> Any:
    return AgentFactory(agency=AgencyFactory(safir="38086", name="Villefontaine"))


@pytest.fixture
def adviser(transactional_db: None) -> Any:
    return AdviserFactory(phone="04 65 71 00 09")


def waiting(agent: Any, adviser: Any) -> list[ScreenedReferral]:
    """Three applications to review, the oldest first."""
    acts = [
        in_state(
            ScreenedState.TO_REVIEW,
            agent=agent,
            candidate=CandidateFactory(adviser=adviser),
        )
        for _ in range(3)
    ]
    for age, act in enumerate(reversed(acts), 1):
        act.steps.update(at=timezone.now() - dt.timedelta(days=age))
    return acts


def open_first(visitor: Visitor, verb: str) -> None:
    """One click of the desk, on its first line of that kind."""
    visitor.check_pages("/admin/")
    visitor.page.get_by_role("link", name=re.compile(rf"^{verb}")).first.click()


def expect_act(visitor: Visitor, act: Any) -> None:
    expect(visitor.page.locator("h1")).to_contain_text(act.number)
    visitor.check_page()


@pytest.mark.thorough
def test_an_agency_decides_asks_and_gets_its_answer(
    visitor: Visitor, agent: Any, adviser: Any
) -> None:
    """Two clicks and the reason; the next is there; a question comes back answered."""
    page = visitor.page
    first, second, third = waiting(agent, adviser)
    sign_in(visitor, agent)

    open_first(visitor, "Examiner")
    expect_act(visitor, first)
    # The adviser's telephone, before one decides.
    expect(page.get_by_text(adviser.phone)).to_be_visible()
    page.get_by_label("Votre question").fill(QUESTION)
    page.get_by_role("button", name="Demander un complément").click()
    expect_act(visitor, second)
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Écarter").click()
    expect_act(visitor, third)
    page.get_by_role("button", name="Présélectionner").click()
    page.get_by_text("Cette file est vide").wait_for()
    visitor.check_page()

    # On the adviser's home: the question, and its answer in place.
    sign_in(visitor, adviser)
    visitor.open("/")
    page.get_by_text("Répondre").first.click()
    page.get_by_label("Votre réponse").fill(ANSWER)
    visitor.check_page()
    page.get_by_role("button", name="Répondre à l’agence").click()
    page.get_by_text("Votre réponse est chez l’agence").wait_for()

    sign_in(visitor, agent)
    open_first(visitor, "Examiner")
    expect_act(visitor, first)
    expect(page.get_by_text(ANSWER)).to_be_visible()
    page.get_by_role("button", name="Présélectionner").click()
    page.get_by_text("Cette file est vide").wait_for()
    states = [ScreenedReferral.objects.get(pk=act.pk).state for act in (first, second)]
    assert states == [ScreenedState.SHORTLISTED, ScreenedState.SET_ASIDE]


@pytest.mark.thorough
def test_a_date_is_refused_with_another_which_the_adviser_accepts(
    visitor: Visitor, agent: Any, adviser: Any
) -> None:
    page = visitor.page
    act = AppointmentFactory(candidate=CandidateFactory(adviser=adviser))
    make_document(act)
    sign_in(visitor, agent)
    open_first(visitor, "Confirmer")
    expect_act(visitor, act)

    page.get_by_role("link", name="Proposer une autre date").click()
    visitor.check_page()
    day = next_working_day(timezone.localdate() + dt.timedelta(days=9))
    page.get_by_label("Jour", exact=False).first.fill(day.isoformat())
    page.get_by_label("Heure").fill("10:00")
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Proposer une autre date").click()
    page.get_by_text("La date est proposée").wait_for()
    visitor.check_page()

    sign_in(visitor, adviser)
    visitor.open("/")
    page.get_by_role("button", name="Accepter cette date").click()
    page.get_by_text(re.compile("accepté", re.IGNORECASE)).first.wait_for()
    act = Appointment.objects.get()
    assert timezone.localdate(act.at) == day
    assert not act.waits_for_agency
