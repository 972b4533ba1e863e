"""The four acts of article 3.2 by the keyboard alone: no mouse, visible focus (A3)."""

import re

from playwright.sync_api import Locator, Page

from referrals.models import (
    CvRequest,
    CvState,
    Referral,
    ReferralState,
    ScreenedReferral,
    ScreenedState,
    Summons,
    SummonsState,
)
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.offers.factories import OfferFactory
from tests.referrals.cv_factories import PDF
from tests.referrals.factories import CandidateFactory, SlotFactory
from tests.referrals.screened import ASKS

# More stops than a page has: past it, the keyboard does not get there.
MOST_STOPS = 150
WHERE = """(one) => one === document.activeElement ? "there"
    : document.activeElement.matches(".fr-skiplinks [href='#contenu']") ? "skip link"
    : "on the way" """
# An outline of the element, or of the label that is drawn in its place.
SHOWS_FOCUS = """(one) => {
    const label = one.labels?.[0];
    const drawn = [
        getComputedStyle(one),
        ...(label ? [getComputedStyle(label, "::before")] : []),
    ];
    return drawn.some((style) =>
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
}"""


def reach(page: Page, target: Locator) -> None:
    """Tab forward until the focus is there, and seen; from the top, past the menus."""
    target.wait_for(state="attached")
    wanted = target.element_handle()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        match page.evaluate(WHERE, wanted):
            case "there":
                assert page.evaluate(SHOWS_FOCUS, wanted), "the focus is not seen"
                return
            case "skip link":
                page.keyboard.press("Enter")
    raise AssertionError(f"the keyboard does not reach {target}")


def follow(page: Page, name: str) -> None:
    """A link, by its beginning."""
    reach(page, page.get_by_role("link", name=re.compile(f"^{name}")).first)
    page.keyboard.press("Enter")


def push(page: Page, name: str) -> None:
    reach(page, page.get_by_role("button", name=name))
    page.keyboard.press("Enter")


def tick(page: Page, label: str) -> None:
    reach(page, page.get_by_label(label))
    page.keyboard.press("Space")


def pick(page: Page, label: str, beginning: str) -> None:
    """An answer of a list, by its first letters."""
    reach(page, page.get_by_label(label, exact=label == "Suite"))
    page.keyboard.type(beginning)


def hand_over(page: Page) -> None:
    tick(page, "en main propre")
    push(page, "Enregistrer la remise")


def test_the_four_acts_are_done_by_the_keyboard_alone(visitor: Visitor) -> None:
    """A3, U3: from the offer to the outcome; one person, one sign-in."""
    page = visitor.page
    adviser = AdviserFactory()
    CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")
    direct = OfferFactory()
    delegated = OfferFactory(delegated_preselection=True, details=ASKS)
    kept = OfferFactory(preselected=True)
    slot = SlotFactory(capacity=1)
    sign_in(visitor, adviser)

    visitor.open(direct.get_absolute_url())
    follow(page, "Mettre un candidat en contact")
    follow(page, "Choisir")
    push(page, "Confirmer la mise en contact")
    hand_over(page)
    pick(page, "Suite", "Emb")
    pick(page, "Selon", "l’emp")
    push(page, "Enregistrer la suite")
    page.get_by_role("button", name="Annuler cette suite").wait_for()
    assert Referral.objects.get().state == ReferralState.ENDED

    visitor.open(delegated.get_absolute_url())
    follow(page, "Mettre en contact avec présélection")
    follow(page, "Choisir")
    tick(page, "Compétence : Couler une dalle")
    push(page, "Confirmer la mise en contact avec présélection")
    hand_over(page)
    push(page, "Présélectionner")
    push(page, "Enregistrer la présentation")
    page.get_by_label("Message à envoyer à la personne").wait_for()
    assert ScreenedReferral.objects.get().state == ScreenedState.PRESENTED

    visitor.open(kept.get_absolute_url())
    follow(page, "Demander un CV")
    follow(page, "Choisir")
    push(page, "Confirmer la demande de CV")
    hand_over(page)
    reach(page, page.get_by_label("Fichier du CV"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    file = {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": PDF}
    chooser.value.set_files([file])  # type: ignore[list-item]
    push(page, "Transmettre le CV à l’agence")
    page.get_by_text("Le CV est enregistré et transmis").wait_for()
    assert CvRequest.objects.get().state == CvState.SENT

    visitor.open(kept.get_absolute_url())
    follow(page, "Convoquer un candidat")
    follow(page, "Choisir")
    reach(page, page.locator("input[name=choice]").first)
    page.keyboard.press("Space")
    push(page, "Voir la convocation")
    push(page, "Confirmer la convocation")
    hand_over(page)
    page.get_by_text("La remise du document est enregistrée").first.wait_for()
    summons = Summons.objects.get()
    assert (summons.slot, summons.state) == (slot, SummonsState.HANDED_OVER)
