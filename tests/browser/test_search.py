"""The search at a browser: filters ticked in place, the way back, keys, no script."""

import re

import pytest
from playwright.sync_api import expect

from offers.page.models import SeenOffer
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory


@pytest.fixture
def market(transactional_db):
    """Two pages and a half of offers, a third of them for holders of permit C."""
    return [
        OfferFactory(
            title=f"Maçon de chantier {number}", permits=["C"] if number % 3 else None
        )
        for number in range(50)
    ]


def unfold_filters(page):
    page.locator(".opus-filters__summary").click()
    page.locator("#tous-les-filtres > summary").click()


def expect_count(page, number):
    expect(page.locator("[data-count]")).to_have_attribute("data-count", str(number))


@pytest.mark.phone
def test_all_the_filters_open_apply_in_place_and_stay_open(
    visitor_of_any_size, adviser, market
):
    """U1, A2, A9, A11: ticking refreshes the list and says the new count."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon")
    unfold_filters(page)
    page.locator("#groupe-permis > summary").click()
    visitor.check_page()

    page.get_by_label("Permis C (poids lourd)").check(force=True)
    page.get_by_role("heading", name="33 offres").wait_for()

    page.wait_for_url(f"{visitor.base}/offres/?q=macon&permis=C")
    expect(page.locator("#annonce")).to_have_text("33\xa0offres")
    expect(page.locator("#permis-C")).to_be_visible()
    expect(page.locator("#permis-C")).to_be_focused()
    expect(page.locator("#tous-les-filtres > summary")).to_have_text(
        "Tous les filtres (1 en cours)"
    )
    page.get_by_role("link", name=re.compile("Permis C")).click()
    page.get_by_role("heading", name="50 offres").wait_for()
    visitor.expect_accessible()


# By size of the window: how many offers are whole on the first screen.
IN_SIGHT = {(1280, 900): 6, (1366, 657): 4, (360, 740): 1.5}
SHARE_IN_SIGHT = """
() => Array.from(document.querySelectorAll("[data-row]"), (row) => {
  const { top, height } = row.getBoundingClientRect();
  return Math.min(1, Math.max(0, (window.innerHeight - top) / height));
}).reduce((sum, share) => sum + share, 0)
"""
# Of a row's text one line is shown, on a telephone two: the words are in sight.
WORDS_IN_SIGHT = """
() => Array.from(document.querySelectorAll("[data-row] mark:first-of-type"), (mark) => {
  const word = mark.getBoundingClientRect();
  const shown = mark.closest(".opus-row__text").getBoundingClientRect();
  return word.right <= shown.right && word.bottom <= shown.bottom;
}).every(Boolean)
"""


def test_offers_are_in_sight_without_scrolling(visitor, adviser, market):
    """U1: the head of the page is short, a row has two lines and a snippet."""
    page = visitor.page
    sign_in(visitor, adviser)
    for (width, height), wanted in IN_SIGHT.items():
        page.set_viewport_size({"width": width, "height": height})
        visitor.open("/offres/?q=dalles&lieu=38193")
        page.locator("[data-row] mark").first.wait_for()
        assert page.evaluate(SHARE_IN_SIGHT) >= wanted, (width, height)
        assert page.evaluate(WORDS_IN_SIGHT), (width, height)
        visitor.expect_no_sideways_scroll()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_text("Autres actions").click()
    visitor.expect_accessible()


def test_the_map_comes_when_one_sees_its_place_and_filters_by_commune(
    visitor_of_any_size, adviser, market
):
    """A14: below or beside the list, read by axe."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    OfferFactory.create_batch(
        2, commune_code="38053", latitude=45.6, longitude=5.27, title="Maçon"
    )
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon&lieu=38193&rayon=20&mots=lus")
    page.locator(".opus-aside").scroll_into_view_if_needed()
    page.get_by_role("heading", name="52 offres sur la carte").wait_for()
    visitor.check_page()

    page.locator(".opus-map a[tabindex='-1']").nth(1).click()
    page.get_by_role("heading", name="2 offres").wait_for()
    page.wait_for_url(f"{visitor.base}/offres/?q=macon&mots=lus&lieu=38053&rayon=0")
    expect(page.get_by_role("link", name="Voir la carte")).to_have_count(0)


def test_coming_back_from_an_offer_finds_the_same_place(
    visitor_of_any_size, adviser, market
):
    """U1: by the page's own link and by the browser's button, filters ticked or not."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon&page=2")
    page.locator(".opus-filters__summary").click()
    # Its choices are counted once it opens, and stay open when one is ticked.
    page.locator("#filtre-temps > summary").click()
    page.locator("#filtre-temps .opus-facet__count").first.wait_for()
    label = page.locator("label[for=temps-plein]")
    expect(label).to_have_text("Temps plein 50 offres")
    page.get_by_label("Temps plein").check(force=True)
    page.wait_for_url(re.compile("temps=plein"))
    page.locator(".fr-pagination__link--next").click()
    row = page.locator("[data-row]").nth(15)
    page.wait_for_url(re.compile("page=2"))
    anchor = row.get_attribute("id")

    row.locator("h3 a").click()
    whole = page.get_by_role("link", name="Offre entière")
    if page.viewport_size["width"] > 1200:
        whole.click()
    page.get_by_role("link", name="Retour aux 50 offres").click()
    page.wait_for_url(f"{visitor.base}/offres/?q=macon&temps=plein&page=2#{anchor}")
    expect(page.locator(f"#{anchor}")).to_be_in_viewport(ratio=1)

    page.locator(f"#{anchor} h3 a").press("Enter")
    page.get_by_role("link", name="Retour aux 50 offres").wait_for()
    page.go_back()
    page.get_by_role("heading", name="50 offres").wait_for()
    page.wait_for_url(f"{visitor.base}/offres/?q=macon&temps=plein&page=2#{anchor}")
    expect(page.locator(f"#{anchor}")).to_be_in_viewport(ratio=1)


@pytest.mark.thorough
def test_the_browsers_own_buttons_go_through_the_filters_ticked(
    visitor, adviser, market
):
    """U1: each tick is a page of history, whose list and boxes come back together."""
    page = visitor.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon")
    unfold_filters(page)
    page.locator("#groupe-permis > summary").click()
    page.get_by_label("Permis C (poids lourd)").check(force=True)
    page.get_by_role("heading", name="33 offres").wait_for()

    page.go_back()
    page.get_by_role("heading", name="50 offres").wait_for()
    page.wait_for_url(f"{visitor.base}/offres/?q=macon")
    expect(page.locator("#permis-C")).not_to_be_checked()
    page.go_forward()
    page.get_by_role("heading", name="33 offres").wait_for()
    page.wait_for_url(f"{visitor.base}/offres/?q=macon&permis=C")
    expect(page.locator("#permis-C")).to_be_checked()
    expect(page.locator("h1")).to_have_count(1)


@pytest.mark.thorough
def test_keys_walk_the_list_and_can_be_turned_off(visitor, adviser, market):
    """U10, WCAG 2.1.4."""
    page = visitor.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon")
    titles = page.locator("[data-row] h3 a").all_inner_texts()

    def expect_focus(title):
        link = page.get_by_role("link", name=title, exact=True)
        expect(link).to_be_focused()

    page.keyboard.press("j")
    expect_focus(titles[0])
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect_focus(titles[1])
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    # While one types they are letters.
    page.keyboard.type("jk?/")
    expect(page.locator("#q")).to_have_value("jk?/")
    expect(page.locator("#touches")).to_be_hidden()

    page.locator("#nombre").click()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Raccourcis clavier").wait_for()
    visitor.expect_accessible()
    page.get_by_label("Raccourcis actifs").uncheck(force=True)
    page.keyboard.press("Escape")
    visitor.open("/offres/?q=macon")
    page.keyboard.press("j")
    expect(page.locator("[data-row] :focus")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#touches")).to_be_hidden()
    # The way back does not need a key of one letter.
    page.get_by_role("button", name="Raccourcis clavier").click()
    page.get_by_label("Raccourcis actifs").check(force=True)
    page.get_by_role("button", name="Fermer").click()
    page.locator("#nombre").click()
    page.keyboard.press("j")
    expect_focus(titles[0])


def test_a_trade_and_a_sector_are_chosen_by_keyboard(visitor, adviser, market):
    """A3, U11: the combobox proposes; a sector chosen among the filters applies."""
    page = visitor.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?lieu=")
    page.locator("#q").focus()
    page.keyboard.type("maçon", delay=20)
    page.locator("#q-choix [role=option]").first.wait_for()
    visitor.expect_accessible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("Maçon / Maçonne (F1703)")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("rome=F1703"))

    unfold_filters(page)
    page.locator("#activite").focus()
    page.keyboard.type("restaur", delay=20)
    page.locator("#activite-choix [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("rome=F1703&secteur=56"))
    expect_count(page, 0)
    visitor.expect_accessible()


def test_without_script_words_and_ticks_do_the_same(
    visitor_without_script, adviser, market
):
    """A4."""
    visitor, page = visitor_without_script, visitor_without_script.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?lieu=")
    page.locator("#q").fill("Maçon / Maçonne (F1703)")
    unfold_filters(page)
    page.locator("#groupe-permis > summary").click()
    page.get_by_label("Permis C (poids lourd)").check(force=True)
    page.get_by_role("button", name="Appliquer les filtres").click()

    page.wait_for_url(f"{visitor.base}/offres/?rome=F1703&permis=C")
    expect_count(page, 33)
    page.locator(".opus-filters__summary").click()
    page.get_by_role("link", name="Voir tous les filtres").click()
    label = page.locator("label[for=temps-plein]")
    expect(label).to_have_text("Temps plein 33 offres")
    page.get_by_role("button", name="Voir les offres").click()
    page.locator(".opus-filters__summary").click()
    page.locator("#activite").fill("commerce")
    page.get_by_role("button", name="Appliquer les filtres").click()
    page.get_by_role("link", name=re.compile("Commerce de gros")).click()
    page.wait_for_url(f"{visitor.base}/offres/?rome=F1703&permis=C&secteur=46")
    expect(page.locator("#ouvrir-touches")).to_be_hidden()


def test_ticks_go_from_page_to_page_without_javascript(
    visitor_without_script, adviser, market
):
    """U2, U8, A4: the bar comes with the first tick and leads to one person."""
    visitor, page = visitor_without_script, visitor_without_script.page
    bar = page.get_by_role("group", name="Offres cochées")
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon&lieu=38193")
    expect(bar).to_be_hidden()
    boxes = page.get_by_label(re.compile("^Cocher : "))
    first = boxes.nth(0).get_attribute("value")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Page suivante").click()
    expect(bar).to_contain_text("2 sur d’autres pages")
    boxes.nth(3).check()
    page.get_by_role("button", name="Page précédente").click()
    expect(page.locator(f"#plusieurs-{first}")).to_be_checked()
    page.get_by_role("button", name="Proposer à…").click()
    page.get_by_role("heading", name="À qui proposer ces 3 offres").wait_for()
    assert "q=macon&" not in page.url


@pytest.mark.phone
def test_rows_are_previewed_and_ticked_by_keyboard(
    visitor_of_any_size, adviser, market
):
    """U1, U2, U6, A3: keys show an offer beside the list; a tick is counted aloud."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    is_wide = page.viewport_size["width"] > 1200
    sign_in(visitor, adviser)
    visitor.open("/offres/?q=macon")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    if is_wide:
        title = rows.nth(1).locator("h3").inner_text()
        page.get_by_role("heading", name=title, level=2).wait_for()
        number = rows.nth(1).get_attribute("id").removeprefix("offre-")
        assert SeenOffer.objects.filter(offer=number).exists()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("#annonce")).to_have_text("1\xa0offre cochée")
    visitor.check_page()

    unfold_filters(page)
    page.locator("#groupe-permis > summary").click()
    page.get_by_label("Permis C (poids lourd)").check(force=True)
    page.get_by_role("heading", name="33 offres").wait_for()
    page.wait_for_url(re.compile("offre="))
    expect(page.get_by_role("group", name="Offres cochées")).to_be_visible()
    rows.nth(0).locator("h3 a").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Retour aux 33 offres").click()
    rows.nth(0).locator("h3 a:focus").wait_for()
    expect(page.get_by_role("group", name="Offres cochées")).to_be_visible()
