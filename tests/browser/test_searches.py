"""Searches kept, offers opened, a result exported: with the hands (A4)."""

from accounts.exports.models import Export
from referrals.saved_searches.models import AlertPace, SavedSearch
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory


def keep_a_search(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/offres/?q=macon")
    page.get_by_role("link", name="Enregistrer cette recherche").click()
    page.get_by_label("Nom de la recherche").fill("Gros œuvre")
    page.locator("label", has_text="Chaque jour à 7 h").click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("« Gros œuvre » est enregistrée").wait_for()


def export_a_result(visitor: Visitor) -> str:
    """Asked by hand, made as a worker does, downloaded by hand: the file's name."""
    page = visitor.page
    visitor.open("/offres/?q=macon")
    page.get_by_text("Autres actions").click()
    page.get_by_role("link", name="Exporter ces offres").click()
    page.get_by_role("button", name="Préparer le fichier").click()
    page.get_by_role("heading", name="Mes exports").wait_for()
    make_file(Export.objects.get())
    visitor.open("/exports/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    return download.value.suggested_filename


def test_the_journey_works_without_script(visitor_without_script: Visitor):
    """A4."""
    OfferFactory()
    sign_in(visitor_without_script, AdviserFactory())

    keep_a_search(visitor_without_script)
    name = export_a_result(visitor_without_script)

    assert SavedSearch.objects.get().alert == AlertPace.DAILY
    assert name.startswith("opus-offres-")
    assert name.endswith(".xlsx")
