"""Many at once: persons, offers, their sheets in one PDF (U8, A2, A4, A11)."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from opus.lib.background_files import FileFailure
from referrals.appointments.models import Appointment
from referrals.direct.models import Referral
from referrals.documents.models import Document, PrintJob
from referrals.preselection.models import ScreenedReferral
from tests.browser.people import Clicks, sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, SlotFactory
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ASKS


@pytest.fixture
def people(adviser):
    names = ("Benali", "Diallo", "Perrin")
    return [CandidateFactory(adviser=adviser, last_name=name) for name in names]


def in_days(number: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=number)).isoformat()


@pytest.mark.phone
def test_three_offers_go_to_two_persons_in_ten_clicks_and_are_handed_over_in_one(
    visitor_of_any_size, adviser, people
):
    """U1, U8: from the ticks to the PDF, and back to the results."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    titles = ["Maçon coffreur", "Maçon du bâti", "Maçon"]
    modes = [{}, {"delegated_preselection": True}, {"preselected": True}]
    for title, mode in zip(titles, modes, strict=True):
        OfferFactory(title=title, **mode)
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon&lieu=")
    clicks = Clicks()
    for box in page.locator(".opus-row__tick input").all():
        clicks.tick(box)
    clicks.on(page.get_by_role("button", name="Proposer à…"))
    page.get_by_role("heading", name="À qui proposer ces 3 offres").wait_for()
    visitor.check_page()
    for name in ("Benali", "Perrin"):
        clicks.tick(page.get_by_label(re.compile(f"Cocher.*{name}")))
    going_on = page.get_by_role("button", name="Continuer")
    expect(going_on).to_be_in_viewport(ratio=1)
    clicks.on(going_on)
    page.get_by_role("heading", name="Proposer 3 offres à 2 candidats").wait_for()
    visitor.check_page()
    confirming = page.get_by_role("button", name="Confirmer")
    expect(confirming).to_be_in_viewport(ratio=1)
    expect(page.locator(".opus-tick input:checked")).to_have_count(6)
    clicks.on(confirming)
    page.get_by_role("heading", name="6 propositions faites").wait_for()
    visitor.check_page()
    make_file(PrintJob.objects.get())
    printing = page.get_by_role("link", name="Imprimer les 6 documents")
    with visitor.pdf_beside():
        clicks.on(printing)
    assert clicks.count == 9

    clicks.on(page.get_by_role("button", name="Tout marquer remis en main propre"))
    page.get_by_text("6 documents marqués remis en main propre").wait_for()
    assert clicks.count == 10
    assert Referral.objects.filter(handed_over_on=timezone.localdate()).count() == 2
    page.get_by_role("link", name="Retour aux résultats").first.click()
    page.wait_for_url(lambda url: "/offres/?q=macon" in url)


def test_persons_are_convoked_together_by_keyboard(visitor, adviser, people):
    """A place for each of two; the third is told why, and what to do."""
    page = visitor.page
    page.set_viewport_size({"width": 1366, "height": 657})
    offer, slot = OfferFactory(preselected=True), SlotFactory(capacity=2)
    sign_in(visitor, adviser)
    visitor.open(f"/offres/{offer.pk}/convoquer/")
    for box in page.get_by_role("checkbox").all():
        box.focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Continuer").press("Enter")
    page.get_by_role("heading", name="Proposer une offre à 3 candidats").wait_for()
    visitor.check_page()
    confirming = page.get_by_role("button", name="Confirmer")
    expect(confirming).to_be_in_viewport(ratio=1)
    confirming.press("Enter")
    page.get_by_text("Un point est à corriger").wait_for()
    visitor.check_page()
    expect(page.locator(".opus-tick input:checked")).to_have_count(3)
    page.get_by_role("radio").first.press("Space")
    confirming.press("Enter")
    page.get_by_role("heading", name="2 propositions faites").wait_for()
    expect(page.locator("main")).to_contain_text("Le rendez-vous était complet")
    visitor.check_page()
    assert Appointment.objects.filter(details__slot=slot).count() == 2


@pytest.mark.thorough
def test_persons_ticked_stay_from_list_to_list(visitor, adviser, people):
    """U8, A3: by another page, another order, while typing; then all unticked."""
    CandidateFactory.create_batch(20, adviser=adviser, last_name="Zo")
    page, bar = visitor.page, visitor.page.get_by_role("group", name="Candidats cochés")
    sign_in(visitor, adviser)
    visitor.open("/candidats/")
    expect(bar).to_be_hidden()
    page.get_by_label(re.compile("Cocher.*Benali")).check(force=True)
    expect(page.locator("#annonce")).to_have_text("1 candidat coché")
    page.get_by_role("button", name="Page suivante").click()
    expect(bar).not_to_contain_text("1 sur d’autres pages")  # The script counts all.
    expect(bar.locator("strong")).to_have_text("1 candidat coché")
    page.get_by_label(re.compile("Cocher")).first.check(force=True)
    page.get_by_role("link", name="Vus récemment").click()
    page.wait_for_url(re.compile("tri=recents.*personne"))
    expect(bar.locator("strong")).to_have_text("2 candidats cochés")
    page.get_by_label("Chercher parmi vos candidats").press_sequentially("perr")
    page.get_by_label(re.compile("Cocher.*Perrin")).check(force=True)
    expect(bar.locator("strong")).to_have_text("3 candidats cochés")
    visitor.check_page()
    page.get_by_role("link", name="Tout décocher").click()
    expect(bar).to_be_hidden()
    expect(page.locator("#plusieurs input:checked")).to_have_count(0)


@pytest.mark.thorough
def test_offers_of_each_kind_go_to_one_person_without_javascript(
    visitor_without_script, adviser, people
):
    """A4: ticked in a search, what each asks ticked; Back shows what is done."""
    visitor, page = visitor_without_script, visitor_without_script.page
    OfferFactory(title="Maçon sans présélection")
    OfferFactory(title="Coffreur", delegated_preselection=True, details=ASKS)
    OfferFactory(title="Grutier", preselected=True)
    sign_in(visitor, adviser)
    visitor.open("/offres/?lieu=")
    for box in page.get_by_label(re.compile("^Cocher : ")).all():
        box.check(force=True)
    page.get_by_role("button", name="Proposer à…").click()
    page.get_by_role("link", name=re.compile("Choisir .* Benali")).click()
    page.get_by_label("CV attendu").fill(in_days(5))
    page.get_by_text("Ce que demande l’offre").first.click()
    page.get_by_label("Compétence : Couler une dalle").check(force=True)
    page.get_by_role("button", name="Confirmer").click()

    page.get_by_role("heading", name="3 propositions faites").wait_for()
    met = [
        line.replace("\xa0", " ")
        for line in ScreenedReferral.objects.get().criteria_met
    ]
    assert met == ["Compétence : Couler une dalle"]
    page.go_back()
    page.get_by_text("Rien à confirmer").wait_for()
    expect(page.get_by_text("Déjà proposée le")).to_have_count(3)
    assert set(Document.objects.values_list("candidate", flat=True)) == {people[0].pk}
    assert Document.objects.count() == 3


@pytest.mark.thorough
def test_a_print_job_that_failed_is_asked_again(visitor_of_any_size, adviser):
    """Told with what to do; the page says the same after a reload; then it is there."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    job = make_job(adviser)
    job.fail(FileFailure.TOO_SLOW)
    sign_in(visitor, adviser)
    visitor.check_pages("/impressions/")
    page.get_by_role("link", name=re.compile("Document à remettre")).click()
    page.get_by_text("Le PDF n’a pas pu être fait").wait_for()
    visitor.check_page()

    page.get_by_role("button", name="Relancer").click()
    page.get_by_text("En attente").wait_for()
    visitor.check_page()
    page.reload()
    page.get_by_text("En attente").wait_for()
    make_file(job)
    page.get_by_role("link", name="Imprimer le PDF").wait_for()
    visitor.check_page()

    assert PrintJob.objects.get().is_ready
    page.get_by_role("button", name="Supprimer ce PDF").click()
    page.get_by_text("Impression annulée").wait_for()
    visitor.check_page()
