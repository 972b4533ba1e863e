"""What people do with their hands on the sign-in pages."""

from accounts.models import TotpDevice, User
from tests.accounts.factories import PASSWORD
from tests.browser.conftest import Visitor


def sign_in(visitor: Visitor, user: User) -> None:
    """Password, then the code of the moment: through the pages, like anybody."""
    visitor.open("/connexion/")
    page = visitor.page
    page.get_by_label("Identifiant").fill(user.identifier)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code à 6 chiffres").fill(code_of(user))
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)


def code_of(user: User) -> str:
    """The code that the person's telephone shows."""
    return TotpDevice.objects.get(user=user).current_token()
