"""France Travail's day in the admin: the desk, an RGC appointed, an outcome (A16)."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.users.enums import Role
from accounts.users.models import User
from referrals.acts.states import ReferralState
from tests.accounts.factories import FtAdminFactory, StructureFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in, type_in
from tests.referrals.factories import ReferralFactory


@pytest.fixture
def structure() -> Any:
    return StructureFactory(name="CCAS d’essai")


def appoint(visitor: Visitor, structure: Any) -> None:
    """The structure's proposal, the director's agreement, then the account (4.1)."""
    page = visitor.page
    visitor.open("/admin/accounts/nomination/add/")
    convention = structure.conventions.get()
    page.get_by_label("Convention").fill(convention.number)
    page.get_by_label("Prénom").fill("Nadia")
    page.get_by_label("Nom", exact=False).nth(1).fill("Ferrand")
    page.get_by_label("Courriel").fill("nadia.ferrand@partenaire.example")
    page.get_by_label("Fonction").fill("Responsable")
    page.get_by_label("personnel permanent").check()
    page.get_by_label("responsabilité opérationnelle").check()
    page.get_by_label("Référence de la lettre").fill("CCAS-2026-12")
    page.get_by_role("button", name="Enregistrer").click()
    nomination = Nomination.objects.get()
    visitor.open(reverse("admin:accounts_nomination_change", args=[nomination.pk]))
    page.get_by_role("button", name="Enregistrer l’accord").click()
    page.get_by_label("Décision prise par").fill("P. Garnier, directeur territorial")
    page.get_by_label("Référence de la décision").fill("DT38-118")
    page.get_by_role("button", name="Enregistrer l’accord").click()
    page.get_by_role("link", name="Noter la notification").click()
    page.get_by_label("Notifié à la structure le").fill(str(timezone.localdate()))
    page.get_by_role("button", name="Noter la notification").click()
    page.get_by_text("La notification est enregistrée.").wait_for()
    page.get_by_role("link", name="Fournir le compte").click()
    page.get_by_role("button", name="Fournir le compte").click()
    page.get_by_text("partent par deux courriels").wait_for()


def put_in_office(visitor: Visitor) -> None:
    """By another administrator (S28)."""
    page = visitor.page
    nomination = Nomination.objects.get()
    visitor.open(reverse("admin:accounts_nomination_change", args=[nomination.pk]))
    page.get_by_role("link", name="Mettre en fonction").click()
    page.get_by_role("button", name="Mettre en fonction").click()
    page.get_by_text("Le RGC est en fonction.").wait_for()


def test_an_rgc_is_appointed_by_two_administrators(
    visitor: Visitor, structure: Any
) -> None:
    type_in(visitor, FtAdminFactory())
    appoint(visitor, structure)
    nomination = Nomination.objects.get()
    own = [nomination.pk, "entrer-en-fonction"]
    visitor.open(reverse("admin:accounts_nomination_action", args=own))
    visitor.page.get_by_text("une autre personne met en fonction").wait_for()
    visitor.expect_accessible()
    sign_in(visitor, FtAdminFactory())

    put_in_office(visitor)

    assert Nomination.objects.get().state == NominationState.IN_OFFICE
    assert User.objects.get(role=Role.RGC).is_rgc_in_office


def test_the_desk_works_without_javascript(
    visitor_without_script: Visitor, structure: Any
) -> None:
    """A4."""
    type_in(visitor_without_script, FtAdminFactory())

    appoint(visitor_without_script, structure)

    assert Nomination.objects.get().state == NominationState.ACCEPTED


@pytest.mark.thorough
def test_a_form_with_errors_is_accessible(visitor: Visitor, structure: Any) -> None:
    """A5, A16."""
    sign_in(visitor, FtAdminFactory())
    page = visitor.page
    visitor.open("/admin/accounts/user/add/")
    page.get_by_label("Rôle").select_option(Role.AGENT)
    page.get_by_role("button", name="Enregistrer").click()

    page.get_by_text("Un agent appartient à une agence.", exact=True).wait_for()
    expect(page).to_have_title(re.compile("^Erreur"))
    visitor.expect_accessible()


def test_the_agency_gives_its_word_on_an_act(visitor: Visitor) -> None:
    referral = ReferralFactory(handed_over=True)
    page = visitor.page
    sign_in(visitor, FtAdminFactory())
    visitor.open(reverse("admin:referrals_referral_change", args=[referral.pk]))
    page.get_by_role("link", name="Noter la suite").click()
    page.get_by_label("Suite").select_option("embauche")
    page.get_by_role("button", name="Noter la suite").click()
    page.get_by_text("La suite est enregistrée.").wait_for()

    referral.refresh_from_db()
    assert referral.state == ReferralState.ENDED


@pytest.mark.thorough
def test_no_column_of_a_list_is_lost_on_a_phone(
    visitor_with_a_phone: Visitor, structure: Any
) -> None:
    """A11: each row is a card whose cells say which column they are of."""
    sign_in(visitor_with_a_phone, FtAdminFactory())
    page = visitor_with_a_phone.page

    for path in ["accounts/convention/", "accounts/user/", "lib/auditentry/"]:
        visitor_with_a_phone.open(f"/admin/{path}")
        wide = page.evaluate(
            """() => [...document.querySelectorAll("#result_list tbody :is(td, th)")]
                .filter((cell) => cell.getBoundingClientRect().right > innerWidth)
                .map((cell) => cell.className)"""
        )
        assert wide == []
        visitor_with_a_phone.expect_accessible()
    visitor_with_a_phone.open("/admin/accounts/convention/")
    ends = page.locator("#result_list td.field-ends_on").first
    expect(ends).to_have_attribute("data-label", "Prend fin le")
