"""Two minutes before the end: said, prolonged by the keyboard, or nothing lost (A7)."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.users.models import User
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AdviserFactory,
    FtAdminFactory,
    OpenSessionFactory,
    RgcFactory,
)
from tests.browser.people import NEW_PASSWORD, code_of, sign_in


@pytest.fixture
def minutes_pass(visitor):
    """Both clocks go on together: the page's, and the server's."""
    travel = []

    def pass_them(minutes: float) -> None:
        while travel:
            travel.pop().stop()
        pass_them.total += minutes
        later = dt.timedelta(minutes=pass_them.total)
        traveller = time_machine.travel(timezone.now() + later, tick=True)
        traveller.start()
        travel.append(traveller)
        visitor.page.clock.fast_forward(int(minutes * 60_000))

    pass_them.total = 0
    yield pass_them
    while travel:
        travel.pop().stop()


def warning(visitor):
    return visitor.page.get_by_role("alertdialog")


def open_page(visitor, user: User, path: str) -> None:
    sign_in(visitor, user)
    visitor.page.clock.install()
    visitor.open(path)


def test_the_keyboard_alone_keeps_the_session_two_minutes_before_its_end(
    visitor, minutes_pass
):
    """A7."""
    open_page(visitor, AdviserFactory(), "/profil/")
    expect(warning(visitor)).to_be_hidden()

    minutes_pass(58.1)
    expect(warning(visitor)).to_be_visible()
    expect(warning(visitor)).to_contain_text("votre session se ferme à")
    expect(visitor.page.get_by_role("button", name="Rester connecté")).to_be_focused()
    visitor.expect_accessible()
    visitor.page.keyboard.press("Enter")
    expect(warning(visitor)).to_be_hidden()

    minutes_pass(30)
    visitor.open("/profil/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Mon compte")


def test_work_in_another_tab_keeps_this_ones_warning_away(visitor, minutes_pass):
    """A7: the server is asked."""
    open_page(visitor, AdviserFactory(), "/profil/")
    minutes_pass(40)
    other = visitor.context.new_page()
    other.goto(f"{visitor.base}/profil/sessions/")

    with visitor.page.expect_response(re.compile("/session/$")) as state:
        minutes_pass(18.1)
    state.value.finished()

    expect(warning(visitor)).to_be_hidden()
    minutes_pass(40)
    expect(warning(visitor)).to_be_visible()


def test_after_the_end_the_page_says_so_and_keeps_what_was_typed(visitor, minutes_pass):
    """A7: the draft stays; one signs in again beside it."""
    open_page(visitor, FtAdminFactory(), "/admin/accounts/user/add/")
    visitor.page.get_by_label("Prénom").fill("Samir")

    minutes_pass(28.1)
    expect(warning(visitor)).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(warning(visitor)).to_be_hidden()
    minutes_pass(2.1)

    expect(warning(visitor)).to_contain_text("Votre session est fermée")
    again = visitor.page.get_by_role("link", name=re.compile("Se reconnecter"))
    expect(again).to_be_focused()
    expect(again).to_have_attribute("target", "_blank")
    expect(visitor.page.get_by_label("Prénom")).to_have_value("Samir")


def test_what_was_typed_is_sent_after_the_second_factor_was_given_again(
    visitor, minutes_pass
):
    """S17: 16 minutes on one form; the page shows what waits, one button sends."""
    rgc, page = RgcFactory(), visitor.page
    open_page(visitor, rgc, "/comptes/nouveau/")
    page.get_by_label("Nom", exact=True).fill("Roux")
    page.get_by_label("Prénom").fill("Samir")
    page.get_by_label("Courriel").fill("samir.roux@partenaire.example")
    minutes_pass(16)

    page.get_by_role("button", name="Créer le compte").click()
    page.get_by_role("heading", name="Confirmer votre identité").wait_for()
    visitor.expect_accessible()
    page.locator("#id_code").fill(code_of(rgc))
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("heading", name="C’est confirmé").wait_for()
    expect(page.get_by_role("main")).to_contain_text("samir.roux@partenaire.example")
    visitor.check_page()
    assert not User.objects.filter(last_name="Roux").exists()
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("heading", name="Fiche de premier accès").wait_for()

    assert User.objects.get(last_name="Roux").first_name == "Samir"


@pytest.mark.thorough
def test_the_absolute_end_is_said_as_one_that_nothing_moves(
    visitor, minutes_pass, settings
):
    """S13, A7."""
    settings.SESSION_ABSOLUTE = dt.timedelta(minutes=20)
    open_page(visitor, AdviserFactory(), "/profil/")

    minutes_pass(18.1)

    expect(warning(visitor)).to_contain_text("ne peut pas être prolongée")
    expect(warning(visitor)).to_contain_text("Envoyez le formulaire maintenant")
    expect(visitor.page.get_by_role("button", name="Rester connecté")).to_be_hidden()


def test_a_forgotten_password_and_ones_sessions_are_usable_by_all(visitor_of_any_size):
    """S8, S15: the pages, at both widths, from the form to the first page."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    adviser = AdviserFactory()
    visitor.check_pages("/mot-de-passe-oublie/")
    page.get_by_label("Identifiant ou courriel").fill(adviser.email)
    page.get_by_role("button", name="Recevoir un lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ouvrez votre messagerie")
    visitor.expect_accessible()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        outbox.relay()
    link = re.search(r"/mot-de-passe-oublie/lien/\S+/", mail.outbox[-1].body)
    visitor.check_pages(link[0])
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    page.locator("#id_code").fill(code_of(adviser))
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Accueil")

    adviser.refresh_from_db()
    OpenSessionFactory(account=adviser)
    visitor.check_pages("/profil/mot-de-passe/", "/profil/sessions/")
    page.get_by_role("link", name="Fermer toutes les autres sessions").click()
    visitor.expect_accessible()
    page.get_by_role("button", name="Fermer mes autres sessions").click()
    expect(page.get_by_role("status")).to_contain_text("Vos autres sessions sont")
    visitor.expect_accessible()
