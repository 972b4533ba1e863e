"""The agreement's own journeys in the admin: both ends of article 12, a succession."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.agreements.models.terminations import Breach, BreachState, Ending
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from opus.lib.dates import add_months
from tests.accounts.factories import (
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
    make_registered_number,
)
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.files import make_file
from tests.lib.uploads.files import PDF

pytestmark = pytest.mark.thorough

SIGNATORY = "Hélène Marchand, directrice régionale"
LETTER = {"name": "lettre.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def convention() -> Any:
    structure = StructureFactory(name="CCAS d’essai")
    RgcFactory(structure=structure)
    return structure.conventions.get()


def open_sheet(visitor: Visitor, row: Any) -> None:
    visitor.open(
        reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])
    )
    visitor.check_page()


def press(visitor: Visitor, verb: str) -> None:
    """A verb of the sheet: a link, or a button where the sheet is a form."""
    page = visitor.page
    verbs = page.get_by_role("navigation", name="Ce que vous pouvez faire")
    verbs.get_by_text(verb, exact=True).click()
    page.get_by_role("heading", name=verb, level=1).wait_for()
    visitor.check_page()


def do(visitor: Visitor, verb: str, said: str) -> None:
    visitor.page.get_by_role("button", name=verb, exact=True).click()
    visitor.page.get_by_text(said).first.wait_for()


def post(visitor: Visitor, letter: Letter) -> None:
    """The worker prints it, the staff post it."""
    made = Letter.claim(letter.pk)
    assert made
    made.store(b"%PDF-1.7 essai")
    open_sheet(visitor, letter)
    press(visitor, "Enregistrer l’envoi")
    number = make_registered_number(letter.convention_id)
    visitor.page.get_by_label("N° de recommandé").fill(number)
    do(visitor, "Enregistrer l’envoi", "L’envoi est enregistré.")


@contextmanager
def later(days: int) -> Iterator[None]:
    with time_machine.travel(timezone.now() + dt.timedelta(days=days)):
        yield


def test_the_needs_of_the_service_end_a_convention(
    visitor: Visitor, convention: Convention
) -> None:
    """Art. 12: two people, a letter with the reason, a banner that promises nothing."""
    page = visitor.page
    first, second = FtAdminFactory(), FtAdminFactory()
    last_day = timezone.localdate() + dt.timedelta(days=20)
    sign_in(visitor, first)
    open_sheet(visitor, convention)
    press(visitor, "Proposer une fin anticipée")
    page.get_by_label("À la demande de").select_option("service")
    page.get_by_label("Dernier jour d’accès").fill(last_day.isoformat())
    do(visitor, "Proposer une fin anticipée", "Dites pourquoi France Travail met fin")
    visitor.expect_accessible()
    page.get_by_label("Motif de France Travail").fill(
        "L’extranet est remplacé par un autre service le mois prochain."
    )
    do(visitor, "Proposer une fin anticipée", "une autre personne doit la confirmer")
    ending = Ending.objects.get()
    open_sheet(visitor, ending)
    expect(page.get_by_text("Confirmer la fin anticipée")).to_have_count(0)

    sign_in(visitor, second)
    open_sheet(visitor, ending)
    press(visitor, "Confirmer la fin anticipée")
    page.get_by_label("Signataire de la lettre").fill(SIGNATORY)
    do(visitor, "Confirmer la fin anticipée", "sa lettre est prête à poster")
    letter = Letter.objects.get()
    visitor.open(letter.get_absolute_url())
    for said in ("remplacé par un autre service", SIGNATORY, "amiable"):
        page.get_by_text(said).first.wait_for()
    post(visitor, letter)

    convention.refresh_from_db()
    assert (convention.state, convention.ends_on) == (
        ConventionState.NOTICE_PERIOD,
        last_day,
    )
    sign_in(visitor, convention.structure.users.get(role="rgc"))
    visitor.open("/")
    page.get_by_text("adressez-vous à votre correspondant").first.wait_for()
    expect(page.get_by_text("demandez le renouvellement")).to_have_count(0)
    visitor.check_page()


def test_a_breach_ends_a_convention_after_the_structures_month(
    visitor_with_a_phone: Visitor, convention: Convention
) -> None:
    """Art. 12: reasons, presentation, observations, decision, end; two people."""
    visitor = visitor_with_a_phone
    page = visitor.page
    first, second = FtAdminFactory(), FtAdminFactory()
    sign_in(visitor, first)
    open_sheet(visitor, convention)
    press(visitor, "Notifier des manquements")
    page.get_by_label("Comptes prêtés ou partagés").check()
    page.get_by_label("Faits constatés").fill("Deux postes ont servi le même compte.")
    do(visitor, "Notifier des manquements", "une autre personne doit le signer")
    breach = Breach.objects.get()
    sign_in(visitor, second)
    open_sheet(visitor, breach)
    press(visitor, "Signer la notification")
    page.get_by_label("Signataire de la lettre").fill(SIGNATORY)
    do(visitor, "Signer la notification", "sa lettre est prête à poster")
    letter = breach.letters.get()
    post(visitor, letter)
    press(visitor, "Enregistrer l’avis de réception")
    do(visitor, "Enregistrer l’avis de réception", "La présentation est enregistrée.")
    open_sheet(visitor, breach)
    expect(page.get_by_text("Maintenir la décision")).to_have_count(0)
    press(visitor, "Enregistrer les observations")
    page.get_by_label("Référence des observations").fill("C-114")
    page.get_by_label("Observations (PDF)").set_input_files(LETTER)  # type: ignore[arg-type]
    do(visitor, "Enregistrer les observations", "Les observations sont enregistrées")

    with later(33):
        sign_in(visitor, second)
        open_sheet(visitor, breach)
        press(visitor, "Maintenir la décision")
        page.get_by_label("Signataire de la lettre").fill(SIGNATORY)
        do(visitor, "Maintenir la décision", "attend d’être confirmée")
        ending = Ending.objects.get()
        assert ending.ends_on == add_months(timezone.localdate())
        sign_in(visitor, first)
        open_sheet(visitor, ending)
        press(visitor, "Confirmer la fin anticipée")
        page.get_by_label("Signataire de la lettre").fill(SIGNATORY)
        do(visitor, "Confirmer la fin anticipée", "sa lettre est prête à poster")
        sign_in(visitor, convention.structure.users.get(role="rgc"))
        expect(page.get_by_text("demandez le renouvellement")).to_have_count(0)

    breach.refresh_from_db()
    assert breach.state == BreachState.UPHELD
    kinds = breach.letters.order_by("rank").values_list("kind", flat=True)
    assert list(kinds) == [
        LetterKind.BREACH,
        LetterKind.BREACH_UPHELD,
        LetterKind.TERMINATION,
    ]


def test_a_successor_follows_an_rgc_who_leaves(
    visitor: Visitor, convention: Convention
) -> None:
    """4.1, 4.3: departure, letter, proposal, both decisions, account, office."""
    page = visitor.page
    first, second = FtAdminFactory(), FtAdminFactory()
    former = Nomination.objects.get()
    sign_in(visitor, first)
    open_sheet(visitor, former)
    press(visitor, "Enregistrer le départ")
    do(visitor, "Enregistrer le départ", "le poste de RGC est vacant")
    open_sheet(visitor, former)
    press(visitor, "Enregistrer la lettre de la structure")
    page.get_by_label("Référence de la lettre").fill("CCAS-2026-31")
    do(visitor, "Enregistrer la lettre de la structure", "La lettre est enregistrée.")
    open_sheet(visitor, former)
    page.get_by_role("link", name="Enregistrer la proposition d’un successeur").click()
    page.get_by_label("Prénom").fill("Zoé")
    page.locator("#id_last_name").fill("Aubry")
    page.get_by_label("Courriel").fill("zoe.aubry@partenaire.example")
    page.get_by_label("Fonction").fill("Directrice")
    page.get_by_label("personnel permanent").check()
    page.get_by_label("responsabilité opérationnelle").check()
    page.get_by_label("Référence de la lettre").fill("CCAS-2026-32")
    visitor.check_page()
    do(visitor, "Enregistrer", "Enregistré")
    successor = Nomination.objects.exclude(pk=former.pk).get()
    open_sheet(visitor, successor)
    press(visitor, "Enregistrer l’accord")
    page.get_by_label("Décision prise par").fill("P. Garnier, directeur territorial")
    page.get_by_label("Référence de la décision").fill("DT38-131")
    do(visitor, "Enregistrer l’accord", "L’accord est enregistré.")
    page.get_by_role("link", name="Fournir le compte").click()
    page.get_by_text("le directeur régional valide d’abord").wait_for()
    page.get_by_role("link", name="Revenir à la fiche").click()
    press(visitor, "Enregistrer la validation du changement")
    page.get_by_label("Validation donnée par").fill(SIGNATORY)
    page.get_by_label("Référence de la validation").fill("DR-ARA-44")
    do(
        visitor,
        "Enregistrer la validation du changement",
        "La validation est enregistrée.",
    )
    make_file(successor.change_letter)
    press(visitor, "Noter la notification")
    page.get_by_label("Format du numéro").select_option("autre")
    page.get_by_label("N° de recommandé").fill("LRE/2026/0042")
    visitor.expect_accessible()
    do(visitor, "Noter la notification", "La notification est enregistrée.")
    press(visitor, "Fournir le compte")
    do(visitor, "Fournir le compte", "Le compte est fourni.")
    sign_in(visitor, second)
    open_sheet(visitor, successor)
    press(visitor, "Mettre en fonction")
    do(visitor, "Mettre en fonction", "Le RGC est en fonction.")

    successor.refresh_from_db()
    assert (successor.state, successor.previous) == (NominationState.IN_OFFICE, former)
    kinds = Letter.objects.order_by("rank").values_list("kind", flat=True)
    assert list(kinds) == [
        LetterKind.VACANCY,
        LetterKind.APPOINTMENT_AGREED,
        LetterKind.CHANGE_VALIDATED,
    ]
