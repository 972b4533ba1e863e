"""What people do with their hands on the sign-in pages."""

from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page

from accounts.signin.models import TotpDevice
from accounts.users.models import User
from tests import conftest
from tests.accounts.factories import PASSWORD
from tests.accounts.journeys import another_browser
from tests.browser.conftest import Visitor

NEW_PASSWORD = "quatre mots choisis au hasard"


class Clicks:
    """The clicks and the acting keys of a journey, counted."""

    count = 0

    def on(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def tick(self, box: Locator) -> None:
        self.count += 1
        box.check(force=True)

    def press(self, page: Page, key: str) -> None:
        self.count += 1
        page.keyboard.press(key)


def sign_in(visitor: Visitor, user: User) -> None:
    """A session with both factors, without the pages of the sign-in."""
    client = conftest.sign_in(another_browser(), user)
    give_session(visitor.context, visitor.base, client)


def give_session(context: BrowserContext, base: str, client: Client) -> None:
    """The session of the test client, in place of the browser's own."""
    context.clear_cookies()
    if cookie := client.cookies.get(settings.SESSION_COOKIE_NAME):
        session: Any = {
            "name": cookie.key,
            "value": cookie.value,
            # A __Host- cookie is set by https only.
            "url": base.replace("http:", "https:"),
            "secure": True,
        }
        context.add_cookies([session])


def type_in(visitor: Visitor, user: User) -> None:
    """Password, then the code of the moment: through the pages, like anybody."""
    type_password(visitor, user)
    type_code(visitor, code_of(user))
    visitor.page.wait_for_url(lambda url: "/connexion/" not in url)


def type_password(visitor: Visitor, user: User, password: str = PASSWORD) -> None:
    """The first step, without any session."""
    visitor.context.clear_cookies()
    visitor.open("/connexion/")
    page = visitor.page
    page.get_by_label("Identifiant").fill(user.identifier)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Continuer").click()


def type_code(visitor: Visitor, code: str) -> None:
    visitor.page.locator("#id_code").fill(code)
    visitor.page.get_by_role("button", name="Se connecter").click()


def code_of(user: User) -> str:
    """The code that the person's telephone shows."""
    return TotpDevice.objects.get(user=user).current_token()


def give_slip(visitor: Visitor, identifier: str, secret: str) -> None:
    """A first access, from the slip to the choice of a second factor."""
    visitor.context.clear_cookies()
    visitor.open("/premier-acces/")
    visitor.expect_accessible()
    page = visitor.page
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Code de premier accès").fill(secret)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(NEW_PASSWORD)
    visitor.expect_accessible()
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    page.get_by_role("heading", name="Enregistrer votre second facteur").wait_for()
    visitor.check_page()


def accept_charter(visitor: Visitor) -> None:
    """The promise, then the first page."""
    page = visitor.page
    page.get_by_label("J’ai lu cette charte").check(force=True)
    visitor.expect_accessible()
    page.get_by_role("button", name="Accepter et continuer").click()
    page.get_by_role("heading", name="Accueil").wait_for()
