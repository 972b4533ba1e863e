"""Many at once: persons, offers, their sheets in one PDF (U8, A2, A4, A11)."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from opus.lib.files.background_files import FileFailure
from referrals.appointments.models.appointments import Appointment
from referrals.cv_requests.models import CvRequest
from referrals.documents.models import Document
from referrals.preselection.models import ScreenedReferral
from referrals.print_jobs.models import PrintJob
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory, SlotFactory
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ASKS


@pytest.fixture
def adviser(transactional_db):
    return AdviserFactory()


@pytest.fixture
def people(adviser):
    names = ("Benali", "Diallo", "Perrin")
    return [CandidateFactory(adviser=adviser, last_name=name) for name in names]


def check(visitor: Visitor) -> None:
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()


def in_days(number: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=number)).isoformat()


@pytest.mark.phone
def test_a_preselected_offer_goes_to_several_persons(
    visitor_of_any_size, adviser, people
):
    """Who, check, an error told, done, the sheets of all; a place for each of two."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    offer = OfferFactory(preselected=True)
    sign_in(visitor, adviser)
    visitor.open(f"/offres/{offer.pk}/demander-un-cv/")
    check(visitor)
    for box in page.get_by_role("checkbox").all():
        box.check(force=True)
    page.get_by_role("button", name="Continuer avec les candidats cochés").click()
    page.get_by_role("heading", name="3 personnes à qui demander un CV").wait_for()
    check(visitor)
    page.get_by_label("Cocher : ").first.uncheck(force=True)
    page.get_by_label("CV attendu").fill(in_days(0))
    page.get_by_role("button", name="Confirmer les demandes de CV").click()
    page.get_by_text("Un point est à corriger").wait_for()
    check(visitor)
    assert page.get_by_role("checkbox", checked=True).count() == 2

    page.get_by_label("CV attendu").fill(in_days(5))
    page.get_by_role("button", name="Confirmer les demandes de CV").click()
    page.get_by_role("heading", name="2 demandes de CV faites").wait_for()
    check(visitor)
    page.get_by_role("link", name="Imprimer les fiches à remettre").click()
    page.get_by_role("heading", name="2 fiches à remettre").wait_for()
    check(visitor)
    assert CvRequest.objects.count() == 2

    slot = SlotFactory(capacity=2)
    query = "&".join(f"personne={person.pk}" for person in people)
    visitor.open(
        f"/offres/{offer.pk}/mettre-en-contact/plusieurs/?acte=convocation&{query}"
    )
    page.get_by_role("radio").first.check(force=True)
    check(visitor)
    page.get_by_role("button", name="Confirmer les convocations").click()
    page.get_by_role("heading", name="2 convocations faites").wait_for()
    assert "Le créneau était complet" in page.inner_text("main")
    check(visitor)
    assert Appointment.objects.filter(slot=slot).count() == 2


@pytest.mark.thorough
def test_offers_of_each_kind_go_to_one_person_without_javascript(
    visitor_without_script, adviser, people
):
    """A4: ticked in a search, what each asks ticked in its row."""
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
    page.get_by_text("cocher ce que la personne remplit").first.click()
    page.get_by_label("Compétence : Couler une dalle").check(force=True)
    page.get_by_role("button", name="Confirmer les actes cochés").click()

    page.get_by_role("heading", name="3 actes faits").wait_for()
    met = [
        line.replace("\xa0", " ")
        for line in ScreenedReferral.objects.get().criteria_met
    ]
    assert met == ["Compétence : Couler une dalle"]
    assert set(Document.objects.values_list("candidate", flat=True)) == {people[0].pk}
    assert Document.objects.count() == 3


@pytest.mark.thorough
def test_several_offers_with_their_questions_are_checked_at_any_size(
    visitor_of_any_size, adviser, people
):
    """A2, A5, A11."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    offers = [
        OfferFactory(),
        OfferFactory(delegated_preselection=True, details=ASKS),
        OfferFactory(preselected=True),
        ReferralFactory(candidate=people[0]).offer,
    ]
    sign_in(visitor, adviser)
    query = "&".join(f"offre={offer.pk}" for offer in offers)
    visitor.open(f"/candidats/{people[0].pk}/proposer/?{query}")
    check(visitor)
    page.get_by_text("cocher ce que la personne remplit").click()
    check(visitor)
    page.get_by_label("CV attendu").fill("")
    page.get_by_role("button", name="Confirmer les actes cochés").click()
    page.get_by_text("Un point est à corriger").wait_for()
    assert page.title().startswith("Erreur")
    check(visitor)
    page.get_by_label("CV attendu").fill(in_days(5))
    page.get_by_role("button", name="Confirmer les actes cochés").click()
    page.get_by_role("heading", name="3 actes faits").wait_for()
    check(visitor)


@pytest.mark.thorough
def test_a_print_job_that_failed_is_asked_again(visitor_of_any_size, adviser):
    """Told with what to do; the page says the same after a reload; then it is there."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    job = make_job(adviser)
    job.fail(FileFailure.TOO_SLOW)
    sign_in(visitor, adviser)
    visitor.open("/impressions/")
    check(visitor)
    page.get_by_role("link", name=re.compile("Fiche à remettre")).click()
    page.get_by_text("Le PDF n’a pas pu être fait").wait_for()
    check(visitor)

    page.get_by_role("button", name="Relancer").click()
    page.get_by_text("En attente").wait_for()
    check(visitor)
    page.reload()
    page.get_by_text("En attente").wait_for()
    make_file(job)
    page.get_by_role("link", name="Ouvrir le PDF").wait_for()
    check(visitor)

    assert PrintJob.objects.get().is_ready
    page.get_by_role("button", name="Supprimer ce PDF").click()
    page.get_by_text("Impression annulée").wait_for()
    check(visitor)
