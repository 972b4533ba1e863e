"""Searches kept, offers opened, a result exported: with the hands (A2, A4, A11)."""

import pytest

from accounts.exports.models import Export
from referrals.saved_searches.emails import link_for
from referrals.saved_searches.models import AlertPace, SavedSearch
from tests.accounts.factories import AdviserFactory, ExportFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory, arrive
from tests.referrals.factories import SavedSearchFactory


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


@pytest.mark.thorough
@pytest.mark.parametrize("state", ["empty", "filled"])
def test_its_pages_have_no_fault_that_axe_sees(
    visitor_of_any_size: Visitor, state: str
):
    """A2, A11: empty and filled, at a desktop and on a phone."""
    visitor, adviser = visitor_of_any_size, AdviserFactory()
    sign_in(visitor, adviser)
    pages = ["/recherches/", "/offres/recentes/", "/exports/", "/offres/exporter/?q=x"]
    if state == "filled":
        offer = arrive(OfferFactory())
        search = SavedSearchFactory(account=adviser, alert=AlertPace.DAILY)
        SavedSearchFactory(account=adviser, query="q=x&contrat=ZZZ")
        ExportFactory(account=adviser, ready=True)
        ExportFactory(account=adviser, failed=True)
        visitor.open(offer.get_absolute_url())
        stop = link_for(adviser, [search]).partition("localhost")[2]
        pages += ["/", "/profil/", f"/recherches/{search.pk}/modifier/", stop]

    visitor.check_pages(*pages)
