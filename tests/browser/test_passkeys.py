"""A passkey from the first access to the sensitive act, in a real browser (S2).

Chromium's virtual authenticator stands for the telephone: it keeps its keys, checks its
holder and signs, over the browser's own WebAuthn.
"""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.signin.models import Passkey
from accounts.users.enums import UserState
from accounts.users.models import FirstAccess, User
from tests.accounts.factories import AdviserFactory, FtAdminFactory, RgcFactory
from tests.browser.conftest import Visitor
from tests.browser.people import (
    NEW_PASSWORD,
    accept_charter,
    code_of,
    give_slip,
    sign_in,
    type_code,
    type_in,
    type_password,
)


class Telephone:
    """A virtual authenticator in that visitor's browser."""

    def __init__(self, visitor: Visitor) -> None:
        self.cdp = visitor.context.new_cdp_session(visitor.page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = answer["authenticatorId"]

    def recognises(self, holder: bool) -> None:
        """Whether the finger on it is its holder's."""
        self.send("setUserVerified", isUserVerified=holder)

    def is_touched(self, touched: bool) -> None:
        self.send("setAutomaticPresenceSimulation", enabled=touched)

    def send(self, what: str, **how: Any) -> Any:
        return self.cdp.send(f"WebAuthn.{what}", {"authenticatorId": self.id, **how})


@pytest.fixture(autouse=True)
def this_site_is_the_relying_party(live_server, settings):
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]


@pytest.fixture
def newcomer():
    """An RGC who was just provided: the sensitive acts are his."""
    rgc = RgcFactory(created=True)
    _, secret = FirstAccess.draw(rgc, by=None)
    return rgc, secret


def use_passkey(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Utiliser ma clé d’accès").click()


def add_passkey(visitor: Visitor, name: str = "") -> None:
    visitor.page.get_by_label("Nom").first.fill(name)
    visitor.page.get_by_role("button", name="Créer une clé d’accès").click()


def read_codes(page: Page) -> list[str]:
    """Return the backup codes that the page shows."""
    page.wait_for_load_state()
    return re.findall(r"\d{4} \d{4} \d{4} \d{4}", page.inner_text("main"))


def expect_told(visitor: Visitor, words: str) -> None:
    """The block of the passkey says why."""
    visitor.page.locator("[data-passkey-status].fr-message--error").wait_for()
    expect(visitor.page.locator("[data-passkey-status]")).to_contain_text(words)


@pytest.mark.phone
def test_a_passkey_opens_from_the_first_access_to_the_sensitive_act(
    visitor_of_any_size, newcomer
):
    """S1, S2, S17, S29: not one complaint of the content security policy."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    rgc, secret = newcomer
    Telephone(visitor)
    give_slip(visitor, rgc.identifier, secret)

    add_passkey(visitor, name="téléphone")
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    visitor.check_page()
    codes = read_codes(page)
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").click()
    accept_charter(visitor)
    rgc.refresh_from_db()
    assert len(codes) == 10
    assert rgc.state == UserState.ACTIVE
    assert [factor.name for factor in rgc.factors] == ["téléphone"]

    sign_out(visitor)
    visitor.check_page()
    use_passkey(visitor)
    page.get_by_role("heading", name="Accueil").wait_for()

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        visitor.open("/comptes/nouveau/")
        page.get_by_role("heading", name="Confirmer votre identité").wait_for()
        visitor.check_page()
        use_passkey(visitor)
        page.get_by_role("heading", name="Créer un compte").wait_for()

    visitor.check_pages("/profil/")
    expect(page.locator("main")).to_contain_text("téléphone")
    expect(page.locator("main")).to_contain_text("il vous en reste 10")


def sign_out(visitor: Visitor) -> None:
    """By its own page: on a phone the button stands in a menu."""
    visitor.context.clear_cookies()
    visitor.open("/connexion/")


@pytest.mark.thorough
def test_the_same_first_access_without_javascript_through_an_application(
    visitor_without_script, newcomer
):
    """S2, A4: the page says what a passkey needs, and offers the application."""
    visitor, page = visitor_without_script, visitor_without_script.page
    rgc, secret = newcomer
    give_slip(visitor, rgc.identifier, secret)
    expect(page.locator("main")).to_contain_text(
        "demande un navigateur récent, avec JavaScript"
    )
    expect(page.get_by_role("button", name="Créer une clé d’accès")).to_be_hidden()

    page.get_by_label("Code à 6 chiffres").fill(code_of(rgc))
    page.get_by_role("button", name="Enregistrer l’application").click()
    codes = read_codes(page)
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").click()
    accept_charter(visitor)
    assert len(codes) == 10

    # And back with a code from the paper.
    type_password(visitor, rgc, NEW_PASSWORD)
    type_code(visitor, codes[0])
    page.get_by_role("heading", name="Accueil").wait_for()
    expect(page.locator("main")).to_contain_text("Il vous en reste 9")


@pytest.mark.thorough
def test_a_passkey_is_added_and_removed_from_ones_own_account(visitor):
    """S2: and used after the password, as second factor."""
    page = visitor.page
    adviser = AdviserFactory()
    Telephone(visitor)
    sign_in(visitor, adviser)
    visitor.open("/profil/facteurs/ajouter/")
    visitor.expect_accessible()
    add_passkey(visitor, name="ordinateur du bureau")
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").wait_for()

    type_password(visitor, adviser)
    page.get_by_role("heading", name="Seconde étape de la connexion").wait_for()
    visitor.expect_accessible()
    use_passkey(visitor)
    page.get_by_role("heading", name="Accueil").wait_for()

    visitor.open("/profil/")
    page.get_by_role("link", name="Supprimer… « application »").click()
    visitor.expect_accessible()
    page.get_by_role("button", name="Supprimer").click()
    page.get_by_text("Vos autres sessions sont fermées").wait_for()
    assert [factor.name for factor in adviser.factors] == ["ordinateur du bureau"]


@pytest.mark.thorough
def test_staff_come_into_the_desk_with_a_passkey(visitor):
    """S27."""
    page = visitor.page
    Telephone(visitor)
    sign_in(visitor, FtAdminFactory())
    visitor.open("/profil/facteurs/ajouter/")
    add_passkey(visitor)
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").wait_for()

    sign_out(visitor)
    use_passkey(visitor)

    page.wait_for_url(re.compile("/admin/"))


def test_each_failure_is_told_in_french(visitor):
    """Refused finger, known device, unknown key, Opus away."""
    page = visitor.page
    adviser = AdviserFactory()
    telephone = Telephone(visitor)
    sign_in(visitor, adviser)

    visitor.open("/profil/facteurs/ajouter/")
    telephone.recognises(False)
    add_passkey(visitor)
    expect_told(visitor, "La demande a été annulée")
    visitor.expect_accessible()
    telephone.recognises(True)
    add_passkey(visitor)
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").wait_for()

    visitor.open("/profil/facteurs/ajouter/")
    add_passkey(visitor)
    expect_told(visitor, "Cet appareil a déjà une clé d’accès")

    sign_out(visitor)
    page.route("**/connexion/cle/options/", lambda route: route.abort())
    use_passkey(visitor)
    expect_told(visitor, "Opus ne répond pas")
    page.unroute("**/connexion/cle/options/")

    Passkey.objects.all().delete()
    use_passkey(visitor)
    page.locator("#erreurs").wait_for()
    visitor.expect_accessible()
    expect(page.locator("#erreurs")).to_contain_text("n’est pas enregistrée dans Opus")


@pytest.mark.thorough
def test_a_telephone_that_nobody_touches_is_told_as_time_that_ran_out(
    visitor, settings
):
    settings.OTP_WEBAUTHN_TIMEOUT_SECONDS = 1
    telephone = Telephone(visitor)
    telephone.is_touched(False)
    visitor.page.set_default_timeout(30_000)
    visitor.open("/connexion/")

    use_passkey(visitor)

    expect_told(visitor, "Le temps est écoulé")


@pytest.mark.thorough
def test_a_browser_without_passkeys_keeps_the_other_way(visitor):
    page = visitor.page
    visitor.context.add_init_script("delete window.PublicKeyCredential")

    visitor.open("/connexion/")

    expect(page.locator("main")).to_contain_text("demande un navigateur récent")
    expect(page.get_by_role("button", name="Utiliser ma clé d’accès")).to_be_hidden()
    type_in(visitor, AdviserFactory())
    assert User.objects.get().last_login is not None
