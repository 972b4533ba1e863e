"""The RGC's day: open an account, meet the quota, suspend, reactivate, close (U14)."""

import re

import pytest

from accounts.models import TotpDevice, User, UserState
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
)
from tests.browser.people import code_of, sign_in

NEW_PASSWORD = "quatre mots choisis au hasard"


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
    page.get_by_label("Adresse électronique").fill("samir.roux@partenaire.example")
    page.get_by_role("button", name="Créer le compte").click()


def read_slip(visitor):
    """What stands on the slip: the identifier and the secret."""
    text = visitor.page.locator(".opus-slip").inner_text()
    identifier = re.search(r"IDA-\w{4}", text)
    secret = re.search(r"\w{5}-\w{5}-\w{5}-\w{5}", text)
    assert identifier, text
    assert secret, text
    return identifier[0], secret[0]


def test_a_new_adviser_comes_in_with_the_slip_and_the_quota_is_met(
    visitor_of_any_size, rgc
):
    """S9, U14: from the RGC's form to the adviser's first page."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, rgc)
    visitor.open("/comptes/")
    visitor.expect_accessible()
    open_account(visitor)
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()
    identifier, secret = read_slip(visitor)

    visitor.open("/comptes/")
    assert "2 sur 2" in page.inner_text("main")
    assert page.get_by_role("link", name="Créer un compte").count() == 0
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()
    visitor.context.clear_cookies()

    visitor.open("/premier-acces/")
    visitor.expect_accessible()
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Code de premier accès").fill(secret.lower())
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(NEW_PASSWORD)
    visitor.expect_accessible()
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    page.get_by_role("heading", name="Enregistrer votre second facteur").wait_for()
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()
    person = User.objects.get(identifier=identifier)
    page.get_by_label("Code à 6 chiffres").fill(code_of(person))
    page.get_by_role("button", name="Enregistrer l’application").click()
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").click()
    page.get_by_label("J’ai lu cette charte").check(force=True)
    visitor.expect_accessible()
    page.get_by_role("button", name="Accepter et continuer").click()
    page.get_by_role("heading", name="Bonjour Samir").wait_for()

    person.refresh_from_db()
    assert person.state == UserState.ACTIVE
    assert TotpDevice.objects.get(user=person).confirmed


def test_a_suspended_account_frees_its_seat(visitor, rgc):
    """R9: suspended frees a place; the place serves; reactivation is then refused."""
    page = visitor.page
    colleague = User.objects.counted().get()
    sign_in(visitor, rgc)

    visitor.open(f"/comptes/{colleague.public_id}/suspendre/")
    visitor.expect_accessible()
    page.locator("main .fr-radio-group label").first.click()
    page.get_by_role("button", name="Suspendre").click()

    page.get_by_text("suspendu", exact=False).first.wait_for()
    visitor.open("/comptes/")
    assert "0 sur 2" in page.inner_text("main")
    visitor.open(f"/comptes/{colleague.public_id}/")
    page.get_by_role("button", name="Réactiver").click()
    visitor.open("/comptes/")
    assert "1 sur 2" in page.inner_text("main")


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
