"""The main journeys by the keyboard alone: no mouse, a focus that is seen (A3)."""

import re

import pytest
from playwright.sync_api import Error, FileChooser, Page, Route, expect

from accounts.users.models import User
from opus.support.tickets.models import Ticket
from referrals.acts.states import (
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
)
from referrals.appointments.models import Appointment
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.preselection.models import ScreenedReferral
from referrals.saved_searches.models import AlertPace, SavedSearch
from tests.accounts.factories import PASSWORD, AdviserFactory, RgcFactory
from tests.browser.conftest import Visitor
from tests.browser.keyboard import (
    follow,
    pick,
    push,
    reach,
    tick,
    wait_for_summary,
    write,
)
from tests.browser.people import code_of, sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import PDF
from tests.referrals.factories import CandidateFactory, SlotFactory
from tests.referrals.screened import ASKS


def hand_over(page: Page) -> None:
    push(page, "Marquer remis en main propre")
    # What comes next stands on this page already: not to be reached before the new one.
    page.get_by_role("heading", name="Remettre le document").wait_for(state="detached")


def choose_by_key(page: Page) -> FileChooser:
    """The file dialog. A busy Chromium loses it now and then: asked again once."""
    try:
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
    except Error:
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
    return chooser.value


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
    follow(page, "Proposer cette offre")
    follow(page, "Choisir")
    push(page, "Confirmer la mise en contact")
    hand_over(page)
    push(page, "Embauche")
    page.get_by_role("button", name="Annuler cette suite").wait_for()
    assert Referral.objects.get().state == ReferralState.ENDED

    visitor.open(delegated.get_absolute_url())
    follow(page, "Proposer avec présélection")
    follow(page, "Choisir")
    tick(page, "Compétence : Couler une dalle")
    push(page, "Confirmer la mise en contact avec présélection")
    hand_over(page)
    push(page, "Présélectionner")
    push(page, "Enregistrer la présentation")
    page.get_by_label("Message à envoyer au candidat").wait_for()
    assert ScreenedReferral.objects.get().state == ScreenedState.PRESENTED

    visitor.open(kept.get_absolute_url())
    follow(page, "Demander un CV")
    follow(page, "Choisir")
    push(page, "Confirmer la demande de CV")
    hand_over(page)
    reach(page, page.get_by_label("Fichier du CV"))
    chooser = choose_by_key(page)
    file = {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": PDF}
    chooser.set_files([file])  # type: ignore[list-item]
    push(page, "Transmettre le CV à l’agence")
    page.get_by_text("Le CV est enregistré et transmis").wait_for()
    assert CvRequest.objects.get().state == CvState.SENT

    visitor.open(kept.get_absolute_url())
    follow(page, "Convoquer un candidat")
    follow(page, "Choisir")
    reach(page, page.locator("input[name=choice]").first)
    page.keyboard.press("Space")
    push(page, "Voir le document")
    push(page, "Confirmer la convocation")
    hand_over(page)
    page.get_by_text("La remise du document est enregistrée").first.wait_for()
    appointment = Appointment.objects.get()
    assert (appointment.slot, appointment.state) == (slot, AppointmentState.HANDED_OVER)


def test_one_signs_in_by_the_keyboard_alone(visitor: Visitor) -> None:
    """A3, A6: the password refused, then right; the code."""
    page, adviser = visitor.page, AdviserFactory()
    visitor.open("/connexion/")
    write(page.get_by_label("Identifiant"), adviser.identifier)
    write(page.get_by_label("Mot de passe", exact=True), "un autre mot de passe")
    page.keyboard.press("Enter")
    wait_for_summary(page)

    expect(page.get_by_label("Identifiant")).to_have_value(adviser.identifier)
    write(page.get_by_label("Mot de passe", exact=True), PASSWORD)
    push(page, "Continuer")
    write(page.locator("#id_code"), code_of(adviser))
    push(page, "Se connecter")

    page.get_by_role("heading", name="Accueil").wait_for()


@pytest.mark.thorough
def test_a_search_is_made_read_and_kept_by_the_keyboard_alone(visitor: Visitor) -> None:
    """A3, U1: words, the offer, the way back, the filter, the search kept."""
    page, adviser = visitor.page, AdviserFactory()
    OfferFactory(title="Maçon de chantier")
    OfferFactory(title="Maçon coffreur", permits=["C"])
    sign_in(visitor, adviser)
    visitor.open("/offres/?lieu=")
    write(page.locator("#q"), "macon")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2 offres").wait_for()

    follow(page, "Maçon de chantier")
    page.get_by_role("heading", level=1, name="Maçon de chantier").wait_for()
    follow(page, "Retour aux")
    page.get_by_role("heading", name="2 offres").wait_for()
    page.locator("#filtres > summary").focus()
    page.keyboard.press("Enter")
    reach(page, page.locator("#tous-les-filtres > summary"))
    page.keyboard.press("Enter")
    reach(page, page.locator("#groupe-permis > summary"))
    page.keyboard.press("Enter")
    tick(page, "Permis C (poids lourd)")
    page.get_by_role("heading", name="1 offre").wait_for()
    page.locator("#permis-C:focus").wait_for()
    follow(page, "Enregistrer cette recherche")
    write(page.get_by_label("Nom de la recherche"), "Gros œuvre")
    reach(page, page.locator("input[name=alert]:checked"))
    page.keyboard.press("ArrowDown")
    push(page, "Enregistrer")
    page.get_by_text("« Gros œuvre » est enregistrée").wait_for()

    search = SavedSearch.objects.get()
    assert search.query == "q=macon&mots=exacts&permis=C"
    assert search.alert != AlertPace.NONE


@pytest.mark.thorough
def test_an_account_is_opened_by_the_keyboard_alone(visitor: Visitor) -> None:
    """A3, A5, S9: refused empty, led to its fields, opened; the slip is reached."""
    page, rgc = visitor.page, RgcFactory()
    sign_in(visitor, rgc)
    visitor.open("/comptes/")
    follow(page, "Créer un compte")
    push(page, "Créer le compte")
    wait_for_summary(page)
    page.keyboard.press("Tab")
    page.locator("#erreurs a:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_label("Nom", exact=True).and_(page.locator(":focus")).wait_for()

    page.keyboard.type("Roux")
    write(page.get_by_label("Prénom"), "Samir")
    write(page.get_by_label("Courriel"), "samir.roux@partenaire.example")
    push(page, "Créer le compte")
    page.locator(".opus-slip").wait_for()

    assert User.objects.counted().get().last_name == "Roux"


def test_a_late_script_does_not_take_the_field_from_who_types(visitor: Visitor) -> None:
    """A5: on a slow network the link of the summary is followed before the script."""
    page, held = visitor.page, []

    def keep(route: Route) -> None:
        held.append(route)

    sign_in(visitor, RgcFactory())
    visitor.open("/comptes/nouveau/")
    visitor.hurry()
    page.route(re.compile(r"/js/summary[^/]*\.js"), keep)
    push(page, "Créer le compte")
    page.locator("#erreurs:focus").wait_for()
    page.get_by_role("contentinfo").get_by_role("link").last.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    field = page.get_by_label("Nom", exact=True)
    field.and_(page.locator(":focus")).wait_for()

    [late] = held
    late.continue_()
    page.wait_for_load_state()
    page.keyboard.type("Roux")
    expect(field).to_have_value("Roux")


@pytest.mark.thorough
def test_the_assistance_is_asked_by_the_keyboard_alone(visitor: Visitor) -> None:
    """A3, A5: refused empty, led to its field, sent."""
    page = visitor.page
    sign_in(visitor, AdviserFactory())
    visitor.open("/contact/")
    push(page, "Envoyer la demande")
    wait_for_summary(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Sujet").and_(page.locator(":focus")).wait_for()

    pick(page.get_by_label("Sujet"), "Rech")
    write(page.get_by_label("Objet"), "Une offre ne s’ouvre pas")
    write(page.get_by_label("Message"), "La page reste vide.")
    push(page, "Envoyer la demande")
    page.get_by_text("Votre demande est enregistrée").wait_for()

    assert Ticket.objects.get().subject == "Une offre ne s’ouvre pas"


def test_what_is_asked_again_leaves_the_focus_where_it_is(visitor: Visitor) -> None:
    """A3: while a PDF is made its part of the page is asked again every second."""
    page, offer = visitor.page, OfferFactory()
    sign_in(visitor, AdviserFactory())
    visitor.open(f"{offer.get_absolute_url()}fiche.pdf")
    link = page.get_by_role("link", name="Lire la version web en attendant")
    reach(page, link)
    for _ in range(3):
        page.wait_for_event("response", lambda answer: "/fiche/etat/" in answer.url)

    expect(link).to_be_focused()
