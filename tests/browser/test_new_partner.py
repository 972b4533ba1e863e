"""From an empty database to the first search of a partner's first adviser."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.structures.models import Structure
from accounts.users.models.users import User
from opus.lib.outbound import outbox
from tests.accounts.factories import make_siret
from tests.accounts.users.test_activation import last_link
from tests.browser.conftest import Visitor
from tests.browser.people import (
    NEW_PASSWORD,
    accept_charter,
    code_of,
    give_slip,
    sign_in,
)
from tests.browser.test_rgc import open_account, read_slip
from tests.offers.helpers.factories import OfferFactory


class Count:
    """The pages that were shown, and what was clicked or chosen on them."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page
        self.pages = self.clicks = 0
        self.page.on("load", self.show)

    def show(self, page: Any) -> None:
        self.pages += 1

    def click(self, name: str, role: Any = "button", **more: Any) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, **more).first.click()
        self.page.wait_for_load_state()

    def choose(self, label: str, value: str) -> None:
        self.clicks += 1
        self.page.get_by_label(label, exact=True).select_option(value)

    def tick(self, label: str) -> None:
        self.clicks += 1
        self.page.get_by_label(label).check()

    @property
    def figures(self) -> tuple[int, int]:
        return self.pages, self.clicks


def fill(visitor: Visitor, **typed: str) -> None:
    for name, value in typed.items():
        box: Locator = visitor.page.locator(f"#id_{name}")
        box.fill(value)
        box.press("Tab")


def look(visitor: Visitor) -> None:
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()


def administrator(visitor: Visitor, first_name: str, last_name: str) -> User:
    """Of the first day: by the documented command, and the link of its e-mail."""
    email = f"{first_name}.{last_name}@francetravail.example".lower()
    options = {"prenom": first_name, "nom": last_name, "email": email}
    call_command("create_admin", **options, stdout=StringIO())
    person = User.objects.get(email=email)
    activate(visitor, person)
    person.refresh_from_db()
    return person


def activate(visitor: Visitor, person: User) -> None:
    """By the link of the e-mail, to the first page."""
    page = visitor.page
    outbox.relay()
    visitor.context.clear_cookies()
    visitor.open(last_link())
    page.get_by_label("Identifiant").fill(person.identifier)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    enrol(visitor, person)


def enrol(visitor: Visitor, person: User) -> None:
    page = visitor.page
    page.get_by_role("heading", name="Enregistrer votre second facteur").wait_for()
    page.get_by_label("Code à 6 chiffres").fill(code_of(person))
    page.get_by_role("button", name="Enregistrer l’application").click()
    page.get_by_role("link", name="J’ai mis mes codes à l’abri").click()


def in_days(days: int) -> str:
    return str(timezone.localdate() + dt.timedelta(days))


@pytest.mark.thorough
def test_a_partner_from_nothing_to_its_first_search(
    visitor_of_any_size: Visitor,
) -> None:
    """S28: the path is 4 pages and 8 clicks; with all that follows, 15 and 18."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    second = administrator(visitor, "Paul", "Garnier")
    administrator(visitor, "Anne", "Marchand")

    # Nothing yet: the path says what lacks, and leads there.
    visitor.open("/admin/nouveau-partenaire/")
    look(visitor)
    page.get_by_role("link", name="une agence").click()
    fill(visitor, safir="38086", name="France Travail Villefontaine")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Enregistré").first.wait_for()

    visitor.open("/admin/accounts/structure/")
    page.wait_for_load_state()
    count = Count(visitor)
    count.click("Nouveau partenaire", "link")
    look(visitor)
    fill(
        visitor,
        name="CCAS de Villeneuve",
        siret=make_siret(4242),
        sender_name="Service emploi de Villeneuve",
        address="4 place de la Mairie",
        postcode="38300",
    )
    count.choose("Nature", "ccas")
    page.locator("#id_commune_code option", has_text="Bourgoin").wait_for(
        state="attached"
    )
    count.choose("Commune", "38053")
    fill(visitor, agency="38086")
    count.click("Continuer : la convention")
    look(visitor)
    fill(
        visitor,
        signed_quota="2",
        ends_on=in_days(300),
        **{"cp-number": "CP-38-2026-021", "cp-ends_on": in_days(400)},
        signed_partner_contact="Mireille Aubert, directrice",
        signed_partner_contact_email="m.aubert@villeneuve.example",
        partner_signatory="Jean Roche, maire et président du CCAS",
        deliberation="2026-41",
        deliberated_on=in_days(-20),
        ft_signatory="Anne Perrin, directrice territoriale",
    )
    count.click("Continuer : le RGC")
    look(visitor)
    fill(
        visitor,
        first_name="Christophe",
        last_name="Durantet",
        email="c.durantet@villeneuve.example",
        function="Responsable du service emploi",
        proposal_reference="CCAS-2026-12",
    )
    count.tick("personnel permanent")
    count.tick("responsabilité opérationnelle")
    count.click("Continuer : vérifier")
    look(visitor)
    the_path = count.figures

    # Then what the check page lists: signature, agreement, account, office.
    count.click("Noter les deux dates", "link")
    for label in ("Signée par la structure le", "Signée par France Travail le"):
        page.get_by_label(label).fill(in_days(0))
    count.click("Enregistrer la signature")
    count.click("Christophe Durantet", "link")
    count.click("Enregistrer l’accord")
    page.get_by_label("Décision prise par").fill("P. Garnier, directeur territorial")
    page.get_by_label("Référence de la décision").fill("DT38-118")
    count.click("Enregistrer l’accord")
    count.click("Noter la notification", "link")
    page.get_by_label("Notifié à la structure le").fill(in_days(0))
    count.click("Noter la notification")
    count.click("Fournir le compte", "link")
    count.click("Fournir le compte")
    page.get_by_text("partent par deux courriels").wait_for()
    sign_in(visitor, second)
    visitor.open("/admin/accounts/nomination/")
    count.click("Christophe Durantet", "link")
    count.click("Mettre en fonction", "link")
    count.click("Mettre en fonction")
    page.get_by_text("Le RGC est en fonction.").wait_for()
    until_office = count.figures

    rgc = Nomination.objects.get().person
    assert rgc
    activate(visitor, rgc)
    accept_charter(visitor)
    open_account(visitor)
    slip = read_slip(visitor)
    visitor.context.clear_cookies()
    give_slip(visitor, *slip)
    enrol(visitor, User.objects.get(identifier=slip[0]))
    accept_charter(visitor)
    OfferFactory(title="Maçon coffreur", commune_code="38053")
    page.get_by_role("searchbox").first.fill("macon")
    page.get_by_role("searchbox").first.press("Enter")
    page.get_by_text("Maçon coffreur").first.wait_for()

    assert Structure.objects.get().commune_code == "38053"
    assert Convention.objects.get().is_in_force()
    assert (the_path, until_office) == ((4, 8), (17, 20))
