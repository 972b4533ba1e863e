"""A refused sentence, lent by its author and answered by France Travail (V5)."""

import pytest
from django.urls import reverse

from opus.desk.models import SecondOpinion
from tests.accounts.factories import AdviserFactory
from tests.browser.people import sign_in
from tests.referrals.factories import SavedSearchFactory


def refuse(visitor):
    """The form of a search's name comes back refused, with what asks about it."""
    adviser = AdviserFactory()
    search = SavedSearchFactory(account=adviser, name="Maçon")
    sign_in(visitor, adviser)
    page = visitor.page
    visitor.open(reverse("saved_search_edit", args=[search.pk]))
    page.get_by_label("Nom de la recherche").fill("Postes pour un sourd")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("La règle se trompe").wait_for()
    return search


@pytest.mark.django_db(transaction=True)
def test_a_sentence_is_lent_in_another_tab_and_the_form_stays(visitor_of_any_size):
    """V5, A2, A11."""
    visitor = visitor_of_any_size
    refuse(visitor)
    page = visitor.page
    page.get_by_text("La règle se trompe").click()
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Demander un avis").click()
    opened.value.get_by_text("Votre phrase est transmise").wait_for()
    visitor.open("/aide/avis/")
    page.get_by_text("en attente de réponse").wait_for()
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()

    assert SecondOpinion.objects.get().sentence == "Postes pour un sourd"


@pytest.mark.django_db(transaction=True)
def test_the_enter_key_sends_the_form_and_never_the_sentence(visitor):
    """V5: a deliberate gesture."""
    search = refuse(visitor)
    page = visitor.page

    page.get_by_label("Nom de la recherche").fill("Couvreur")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Mes recherches").wait_for()

    search.refresh_from_db()
    assert search.name == "Couvreur"
    assert not SecondOpinion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_without_a_script(visitor_without_script):
    """V5."""
    visitor = visitor_without_script
    refuse(visitor)
    page = visitor.page
    page.get_by_text("La règle se trompe").click()

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Demander un avis").click()
    opened.value.get_by_text("Votre phrase est transmise").wait_for()

    assert SecondOpinion.objects.exists()
