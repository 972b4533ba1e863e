"""A convocation from the offer to what became of it, in a real browser."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from opus.lib.working_days import next_working_day
from referrals.models import Slot, Summons, SummonsState
from tests.accounts.factories import AdviserFactory, AgencyFactory, AgentFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.offers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, SlotFactory


@pytest.fixture
def adviser(transactional_db: None) -> Any:
    return AdviserFactory()


@pytest.fixture
def offer(adviser: Any) -> Any:
    AgencyFactory(safir="38086", name="France Travail Villefontaine")
    CandidateFactory(adviser=adviser)
    return OfferFactory(preselected=True)


def check(visitor: Visitor) -> None:
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()


def choose_person(visitor: Visitor, offer: Any) -> None:
    visitor.open(f"/offres/{offer.pk}/convoquer/")
    visitor.page.get_by_role("link", name="Choisir").click()


def confirm(visitor: Visitor) -> Any:
    """Step 2 sent; the act’s page."""
    page = visitor.page
    page.get_by_role("button", name="Confirmer la convocation").click()
    page.get_by_role("heading", name=re.compile("Convocation n°")).wait_for()
    return Summons.objects.get()


def test_an_adviser_convenes_somebody_in_a_slot_and_moves_it(
    visitor_of_any_size: Visitor, adviser: Any, offer: Any
) -> None:
    """U3, A2, A5, A11."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    first, second = (
        SlotFactory(),
        SlotFactory(capacity=4, mode="telephone", where="04 65 71 00 09"),
    )
    sign_in(visitor, adviser)
    choose_person(visitor, offer)
    check(visitor)

    # Nothing chosen: told, and tied to its field.
    page.get_by_role("button", name="Voir la convocation").click()
    page.get_by_text("Un point est à corriger").wait_for()
    check(visitor)
    page.locator(f"label[for]:has-text('{first.where}')").first.click()
    page.get_by_role("button", name="Voir la convocation").click()
    page.get_by_role("heading", name=re.compile("telle qu’elle sera")).wait_for()
    check(visitor)
    assert not Summons.objects.exists()
    summons = confirm(visitor)
    check(visitor)
    assert summons.slot == first

    page.get_by_text("Changer la date ou le lieu").click()
    page.locator(".opus-new .fr-radio-group label").first.click()
    check(visitor)
    page.get_by_role("button", name="Enregistrer ce rendez-vous").click()
    page.get_by_text("Rendez-vous modifié").first.wait_for()
    check(visitor)
    summons.refresh_from_db()
    assert (summons.slot, summons.documents.count()) == (second, 2)

    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("agenda")).click()
    assert download.value.suggested_filename == f"{summons.number}.ics"
    visitor.open("/convocations/")
    check(visitor)


def test_without_javascript_a_date_of_ones_own_goes_through(
    visitor_without_script: Visitor, adviser: Any, offer: Any
) -> None:
    """A4: from the date to the absence, and the person is convened again."""
    visitor, page = visitor_without_script, visitor_without_script.page
    sign_in(visitor, adviser)
    choose_person(visitor, offer)
    day = next_working_day(timezone.localdate() + dt.timedelta(days=5))
    page.get_by_label("Jour").fill(day.isoformat())
    page.get_by_label("Heure").fill("09:30")
    page.get_by_label(re.compile("Adresse")).fill("CCAS, 12 rue des Lilas")
    page.get_by_role("button", name="Voir la convocation").click()
    assert "CCAS, 12 rue des Lilas" in page.locator(".opus-paper").inner_text()
    summons = confirm(visitor)
    assert summons.waits_for_agency
    assert "doit encore confirmer" in page.inner_text("main")

    ago = timezone.now() - dt.timedelta(hours=1)
    Summons.objects.filter(pk=summons.pk).update(at=ago)
    page.reload()
    page.get_by_text("absence excusée").first.click()
    page.get_by_role("button", name="Enregistrer l’absence").click()
    page.get_by_role("link", name="Convoquer de nouveau").click()

    assert page.get_by_role("button", name="Confirmer la convocation").count() == 1
    assert Summons.objects.get().state == SummonsState.ABSENT


def test_an_agent_opens_a_series_of_slots(visitor: Visitor, offer: Any) -> None:
    """One gesture at the desk."""
    page = visitor.page
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    sign_in(visitor, agent)
    visitor.open("/admin/referrals/slot/add/")
    day = next_working_day(timezone.localdate() + dt.timedelta(days=6))
    page.get_by_label("Jour", exact=False).first.fill(day.isoformat())
    page.get_by_label("Heure").fill("09:00")
    page.get_by_label("Puis à la suite").fill("12:00")
    page.get_by_role("button", name="Enregistrer").click()

    page.get_by_text("6 créneaux ouverts").wait_for()
    visitor.expect_accessible()
    assert Slot.objects.open_for(offer).count() == 6
