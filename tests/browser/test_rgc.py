"""The RGC's day: open an account, meet the quota, suspend, reactivate, close (U14)."""

import datetime as dt
import re
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from accounts.signin.models import TotpDevice
from accounts.users.enums import UserState
from accounts.users.models import User
from referrals.candidates.models import Candidate
from referrals.caseloads import actions
from referrals.caseloads.models import CaseloadTransfer
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
    amend,
)
from tests.browser.people import accept_charter, code_of, give_slip, sign_in
from tests.referrals.factories import CandidateFactory, ReferralFactory


@pytest.fixture
def rgc():
    """At L'Isle-d'Abeau: two seats, one of them taken."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=2)
    AdviserFactory(structure=structure)
    return RgcFactory(structure=structure)


def open_account(visitor):
    """Fill the form in; the slip is on the page that follows."""
    page = visitor.page
    visitor.open("/comptes/nouveau/")
    page.get_by_label("Nom", exact=True).fill("Roux")
    page.get_by_label("Prénom").fill("Samir")
    page.get_by_label("Courriel").fill("samir.roux@partenaire.example")
    page.get_by_role("button", name="Créer le compte").click()


def read_slip(visitor):
    """What stands on the slip: the identifier and the secret."""
    visitor.page.wait_for_load_state()
    text = visitor.page.locator(".opus-slip").inner_text()
    identifier = re.search(r"[A-Z\d]{2,5}-\w{4}\b", text)
    secret = re.search(r"\w{5}-\w{5}-\w{5}-\w{5}", text)
    assert identifier, text
    assert secret, text
    return identifier[0], secret[0]


@pytest.mark.phone
def test_a_new_adviser_comes_in_with_the_slip_and_the_quota_is_met(
    visitor_of_any_size, rgc
):
    """S9, U14: from the RGC's form to the adviser's first page."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, rgc)
    visitor.open("/comptes/")
    visitor.expect_accessible()
    open_account(visitor)
    visitor.check_page()
    identifier, secret = read_slip(visitor)

    visitor.open("/comptes/")
    expect(page.locator("main")).to_contain_text("2 sur 2")
    expect(page.get_by_role("link", name="Créer un compte")).to_have_count(0)
    visitor.check_page()

    give_slip(visitor, identifier, secret.lower())
    person = User.objects.get(identifier=identifier)
    page.get_by_label("Code à 6 chiffres").fill(code_of(person))
    page.get_by_role("button", name="Enregistrer l’application").click()
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").click()
    accept_charter(visitor)

    person.refresh_from_db()
    assert person.state == UserState.ACTIVE
    assert TotpDevice.objects.get(user=person).confirmed


def test_the_accounts_are_run_without_javascript(visitor_without_script, rgc):
    """A4."""
    visitor, page = visitor_without_script, visitor_without_script.page
    colleague = User.objects.counted().get()
    sign_in(visitor, rgc)
    open_account(visitor)
    read_slip(visitor)

    visitor.open(f"/comptes/{colleague.public_id}/fermer/")
    page.locator("main .fr-radio-group label").first.click()
    page.get_by_role("button", name="Fermer").click()

    colleague.refresh_from_db()
    assert colleague.state == UserState.CLOSED


def ask_about_everybody() -> None:
    """The convention of the tests began in 2024, and so did the accounts."""
    User.objects.counted().update(created_at=dt.datetime(2024, 2, 1, tzinfo=dt.UTC))


CSV = """Nom;Prénom;Courriel;Fonction;Téléphone
Roux;Samir;samir.roux@partenaire.example;Conseiller;04 65 71 00 02
Accueil;Service;accueil@partenaire.example;;
Durand;Zoé;zoe.durand@partenaire.example;;
"""


@pytest.mark.thorough
def test_a_list_of_accounts_is_imported_and_its_slips_printed(visitor_of_any_size, rgc):
    """Art. 4.2: a line each, a printed page each."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    amend(rgc.structure.conventions.get(), quota=5)
    sign_in(visitor, rgc)
    visitor.check_pages("/comptes/importer/")
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "comptes.csv", "mimeType": "text/csv", "buffer": CSV.encode("cp1252")}
    )
    page.get_by_role("button", name="Créer les comptes").click()

    page.get_by_text("2 comptes créés, 1 ligne refusée").wait_for()
    visitor.check_page()
    expect(page.locator("main table")).to_contain_text("boîte partagée")
    with pikepdf.open(BytesIO(page.pdf())) as printed:
        assert len(printed.pages) == 2


def test_who_leaves_hands_over_whom_he_accompanies(visitor_of_any_size, rgc):
    """Counts on the page; the account closes, and whoever goes to the RGC
    himself waits for a second person (S39)."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    colleague = User.objects.counted().get()
    ReferralFactory(candidate__adviser=colleague)
    CandidateFactory(adviser=colleague)
    ask_about_everybody()
    sign_in(visitor, rgc)
    visitor.open("/comptes/confirmation/")
    visitor.expect_accessible()
    visitor.open("/comptes/")
    page.get_by_role("button", name="Oui, toujours").wait_for()
    visitor.check_page()
    page.get_by_role("link", name="Confier les suivis").click()
    visitor.expect_accessible()
    visitor.open(f"/comptes/{colleague.public_id}/fermer/")
    page.get_by_role("button", name="Fermer").click()
    visitor.check_page()
    page.locator("main .fr-radio-group label").first.click()
    for question in page.get_by_label("À qui confier").all():
        expect(question).to_have_value(str(rgc.public_id))
    page.get_by_role("button", name="Fermer").click()

    page.get_by_text(f"Le compte de {colleague} est fermé").wait_for()
    colleague.refresh_from_db()
    assert colleague.state == UserState.CLOSED
    assert set(Candidate.objects.values_list("adviser", flat=True)) == {colleague.pk}
    with time_machine.travel(CaseloadTransfer.objects.get().ready_at, tick=False):
        actions.apply_due()
    assert set(Candidate.objects.values_list("adviser", flat=True)) == {rgc.pk}


@pytest.mark.thorough
def test_the_quarters_question_is_answered_in_one_click_without_javascript(
    visitor_without_script, rgc
):
    """S26, A4."""
    visitor, page = visitor_without_script, visitor_without_script.page
    ask_about_everybody()
    sign_in(visitor, rgc)
    visitor.open("/comptes/")
    page.get_by_role("button", name="Oui, toujours").click()

    page.get_by_text("votre réponse est enregistrée").wait_for()
    expect(page.get_by_role("button", name="Oui, toujours")).to_have_count(0)


@pytest.mark.thorough
def test_an_absence_is_announced_and_lifted(visitor_of_any_size, rgc):
    """Art. 4.2: dates, no reason."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    colleague = User.objects.counted().get()
    today = timezone.localdate()
    sign_in(visitor, rgc)
    visitor.check_pages(f"/comptes/{colleague.public_id}/absence/")
    page.get_by_label("Premier jour").fill(today.isoformat())
    page.get_by_label("Dernier jour").fill((today + dt.timedelta(30)).isoformat())
    page.get_by_role("button", name="Enregistrer l’absence").click()
    page.get_by_text("ne lui enverra pas").wait_for()
    visitor.check_page()
    page.get_by_role("button", name="Lever l’absence").click()

    page.get_by_text("est levée").wait_for()
    visitor.open("/comptes/historique/")
    visitor.expect_accessible()
    visitor.check_pages(f"/comptes/{colleague.public_id}/modifier/")
