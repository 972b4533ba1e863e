"""A convocation from the offer to what became of it, in a real browser."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from opus.lib.dates import next_working_day
from referrals.acts.states import AppointmentState
from referrals.appointments.models import Appointment, AppointmentDetails, Slot
from referrals.candidates.models import Candidate
from referrals.documents.actions import make_document
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import AppointmentFactory, CandidateFactory, SlotFactory


@pytest.fixture
def offer(adviser: Any) -> Any:
    AgencyFactory(safir="38086", name="France Travail Villefontaine")
    CandidateFactory(adviser=adviser)
    return OfferFactory(preselected=True)


def choose_person(visitor: Visitor, offer: Any) -> None:
    visitor.open(f"/offres/{offer.pk}/convoquer/")
    visitor.page.get_by_role("link", name="Choisir").click()


def confirm(visitor: Visitor) -> Any:
    """Step 2 sent; the act’s page."""
    page = visitor.page
    page.get_by_role("button", name="Confirmer la convocation").click()
    page.get_by_role("heading", name="Ce qui s’est passé").wait_for()
    return Appointment.objects.get()


@pytest.mark.phone
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
    visitor.check_page()

    # Nothing chosen: told, and tied to its field.
    page.get_by_role("button", name="Voir le document").click()
    page.get_by_text("Un point est à corriger").wait_for()
    visitor.check_page()
    page.locator(f"input[name=choice][value='{first.pk}']").check()
    page.get_by_role("button", name="Voir le document").click()
    page.get_by_role("heading", name="Le document que vous lui remettrez").wait_for()
    visitor.check_page()
    assert not Appointment.objects.exists()
    appointment = confirm(visitor)
    visitor.check_page()
    assert appointment.slot == first

    page.get_by_text("Changer la date ou le lieu").click()
    page.locator(f"input[name=choice][value='{second.pk}']").check()
    visitor.check_page()
    page.get_by_role("button", name="Enregistrer ce rendez-vous").click()
    page.get_by_text("Rendez-vous modifié").first.wait_for()
    visitor.check_page()
    appointment.refresh_from_db()
    assert (appointment.slot, appointment.documents.count()) == (second, 2)

    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("agenda")).click()
    assert download.value.suggested_filename == f"{appointment.number}.ics"
    visitor.check_pages("/convocations/")


@pytest.mark.thorough
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
    page.get_by_role("button", name="Voir le document").click()
    expect(page.locator(".opus-paper")).to_contain_text("CCAS, 12 rue des Lilas")
    appointment = confirm(visitor)
    assert appointment.waits_for_agency
    expect(page.locator("main")).to_contain_text("doit encore confirmer")

    ago = timezone.now() - dt.timedelta(hours=1)
    AppointmentDetails.objects.filter(act=appointment).update(at=ago)
    page.reload()
    page.get_by_text("absence excusée").first.click()
    page.get_by_role("button", name="Enregistrer l’absence").click()
    page.get_by_role("link", name="Convoquer de nouveau").click()

    expect(page.get_by_role("button", name="Confirmer la convocation")).to_have_count(1)
    assert Appointment.objects.get().state == AppointmentState.ABSENT


@pytest.mark.thorough
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


def test_an_agent_moves_an_appointment_and_closes_slots(
    visitor_of_any_size: Visitor, offer: Any
) -> None:
    """A2, A5, A11, A16: each form of the agency's desk, in error and done."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    person = Candidate.objects.get()
    taken, free, empty = SlotFactory(capacity=4), SlotFactory(), SlotFactory()
    act = AppointmentFactory(candidate=person, offer=offer, slot=taken, at=taken.at)
    make_document(act)
    sign_in(visitor, agent)

    # One person goes to another slot.
    visitor.check_pages(f"/admin/referrals/appointment/{act.pk}/change/")
    page.get_by_role("link", name="Déplacer le rendez-vous").click()
    visitor.check_page()
    page.get_by_role("button", name="Déplacer le rendez-vous").click()
    page.locator("#erreurs").wait_for()
    expect(page).to_have_title(re.compile("^Erreur"))
    visitor.check_page()
    page.locator(f"input[name=choice][value='{free.pk}']").check()
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Déplacer le rendez-vous").click()
    page.get_by_text("Le rendez-vous est déplacé").wait_for()
    act.refresh_from_db()
    assert (act.slot, act.documents.count()) == (free, 2)

    # Then the whole slot moves, with whom it holds.
    visitor.check_pages("/admin/referrals/slot/?creneaux=a-venir")
    visitor.check_pages(f"/admin/referrals/slot/{free.pk}/change/")
    page.get_by_role("button", name="Déplacer le créneau").click()
    visitor.check_page()
    page.get_by_role("button", name="Déplacer le créneau").click()
    page.locator("#erreurs").wait_for()
    visitor.check_page()
    day = next_working_day(timezone.localdate() + dt.timedelta(days=9))
    page.get_by_label("Nouveau jour").fill(day.isoformat())
    page.get_by_label("Heure").fill("10:00")
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Déplacer le créneau").click()
    page.get_by_text("1 convocation a suivi").wait_for()
    visitor.check_page()
    act.refresh_from_db()
    assert timezone.localdate(act.at) == day

    # An empty one closes by itself; one with somebody calls the appointment off.
    visitor.open(f"/admin/referrals/slot/{empty.pk}/change/")
    page.get_by_role("button", name="Fermer le créneau").click()
    visitor.check_page()
    page.get_by_role("button", name="Fermer le créneau").click()
    page.get_by_text("Le créneau est fermé").wait_for()
    visitor.open(f"/admin/referrals/slot/{act.slot_id}/change/")
    page.get_by_role("button", name="Annuler les rendez-vous et fermer").click()
    visitor.check_page()
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Annuler les rendez-vous et fermer").click()
    page.get_by_text("Les rendez-vous sont annulés").wait_for()
    act.refresh_from_db()
    assert act.state == AppointmentState.CANCELLED
    assert not Slot.objects.get(pk=act.slot_id).is_open
