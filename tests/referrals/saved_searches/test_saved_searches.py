"""Searches that an adviser keeps (U5)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from referrals.saved_searches.models import MOST_SEARCHES, SavedSearch
from tests.accounts.factories import AdviserFactory
from tests.harness import in_parallel
from tests.offers.helpers.factories import OfferFactory, arrive, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, SavedSearchFactory
from tests.tables import as_owner

FULL_TIME = "contrat=CDI&temps=plein"
pytestmark = pytest.mark.django_db

ADD = "/recherches/ajouter/?q=macon&lieu=38193&rayon=30&contrat=CDI"


def keep(client, url=ADD, **answers):
    return client.post(url, {"name": "Maçon", "alert": "aucune", **answers})


def badges(client, url="/recherches/"):
    """What the searches count as new, in the order of the page."""
    page = Page.of(client.get(url))
    return [tag["data-news"] for tag in page.all("span") if "data-news" in tag.attrs]


def test_a_search_is_kept_from_its_results(as_adviser, adviser):
    """Without any, the list says how, and home is silent."""
    assert "Vous n’avez encore enregistré aucune" in as_adviser.get("/recherches/").text
    assert "Mes recherches" not in as_adviser.get("/").text
    results = Page.of(as_adviser.get("/offres/?contrat=CDI&q=macon&page=3"))
    url = results.links()["☆ Enregistrer cette recherche"]

    response = keep(as_adviser, url)

    assert response["Location"] == "/recherches/"
    search = SavedSearch.objects.get()
    assert (search.account, search.name) == (adviser, "Maçon")
    assert search.query == "q=macon&mots=exacts&contrat=CDI"
    assert "Vous avez déjà cette recherche" in as_adviser.get(url).text


def test_a_name_is_proposed_from_what_is_asked(as_adviser):
    page = Page.of(as_adviser.get(ADD))

    assert page.by_id("id_name")["value"] == (
        "macon, L’Isle-d’Abeau (38) à 30\N{NO-BREAK SPACE}km, CDI"
    )


def test_a_search_is_told_in_words_whatever_it_asks(as_adviser):
    page = as_adviser.get(
        "/recherches/ajouter/?rome=F1703&appellation=macon-du-bati&heures=35"
        "&competence=123456&secteur=43&salaire=1800&depuis=7"
    )

    lead = Page.of(page).one("p", **{"class": "opus-lead"}).words()
    assert "F1703" not in lead
    assert "Au moins 1 800 € par mois" in lead
    assert "Travaux de construction spécialisés" in lead
    assert "Compétence n° 123456" in lead
    assert "Moins d’une semaine" in lead


def test_without_a_criterion_there_is_nothing_to_keep(as_adviser):
    response = as_adviser.get("/recherches/ajouter/?page=2", follow=True)

    assert response.redirect_chain[0] == ("/offres/", 302)
    assert "Choisissez d’abord au moins un critère" in response.text


@pytest.mark.parametrize("name", ["maçon", "MACON", "  Macon "])
def test_neither_case_nor_accents_make_another_name(as_adviser, adviser, name):
    """U5: the database says so, in French."""
    SavedSearchFactory(account=adviser, name="Maçon")
    # Another account may have the same name.
    SavedSearchFactory(name="Maçon")

    response = keep(as_adviser, name=name)

    page = Page.of(response)
    assert "porte déjà ce nom" in page.by_id("erreurs").words()
    assert SavedSearch.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedSearchFactory(account=adviser, name=name.strip())


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "Remplissez"), ("x" * 51, "50 caractères au plus"), ("  ", "Remplissez")],
)
def test_a_name_is_said_and_not_too_long(as_adviser, name, said):
    response = keep(as_adviser, name=name)

    page = Page.of(response)
    assert said in page.by_id("erreurs").words()
    assert page.one("title").words().startswith("Erreur : Enregistrer")
    assert not SavedSearch.objects.exists()


def test_the_twenty_first_is_refused(as_adviser, adviser):
    """U5."""
    SavedSearchFactory.create_batch(MOST_SEARCHES, account=adviser)

    response = keep(as_adviser)

    assert response.status_code == 409
    assert "déjà 20 recherches enregistrées" in Page.of(response).by_id("erreurs").text
    assert SavedSearch.objects.count() == MOST_SEARCHES
    with pytest.raises(IntegrityError, match="Vingt"), transaction.atomic():
        SavedSearchFactory(account=adviser)


def save_two_at_once(account):
    """Two forms sent at the same moment, each in a thread of its own."""

    def save(name):
        try:
            with transaction.atomic():
                SavedSearch.objects.create(account=account, name=name, query="q=x")
        except IntegrityError as error:
            return type(error)
        return name

    return in_parallel(lambda: save("a"), lambda: save("b"))


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once_make_one_twentieth():
    """U5: the trigger counts under lock."""
    account = AdviserFactory()
    SavedSearchFactory.create_batch(MOST_SEARCHES - 1, account=account)

    assert IntegrityError in save_two_at_once(account)
    assert SavedSearch.objects.count() == MOST_SEARCHES


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_two_forms_at_once_would_make_twenty_one():
    """The negative control of the test above."""
    account = AdviserFactory()
    SavedSearchFactory.create_batch(MOST_SEARCHES - 1, account=account)
    switch = "ALTER TABLE referrals_savedsearch {} TRIGGER referrals_savedsearch_limit"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
    try:
        save_two_at_once(account)
        assert SavedSearch.objects.count() == MOST_SEARCHES + 1
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(switch.format("ENABLE"))


def test_more_criteria_than_can_be_read_again_are_refused(as_adviser):
    jobs = ",".join(f"{'tres-' * 24}{n}" for n in range(20))

    response = keep(as_adviser, f"/recherches/ajouter/?appellation={jobs}")

    assert "trop de critères" in Page.of(response).by_id("erreurs").words()
    assert not SavedSearch.objects.exists()


def test_an_opened_search_shows_its_results_and_counts_anew(as_adviser, adviser):
    search = SavedSearchFactory(account=adviser)
    arrive(OfferFactory())
    # Asking only for the head opens nothing.
    as_adviser.head(f"/recherches/{search.pk}/")
    assert badges(as_adviser) == ["1"]

    response = as_adviser.get(f"/recherches/{search.pk}/")

    # Something is new: the newest first.
    assert response["Location"] == "/offres/?q=macon&lieu=38193&tri=date"
    assert as_adviser.get(response["Location"]).text.count("data-count=") == 1
    assert badges(as_adviser) == []
    again = as_adviser.get(f"/recherches/{search.pk}/")
    assert again["Location"] == "/offres/?q=macon&lieu=38193"


def test_new_is_what_came_in_since_and_is_still_open(as_adviser, adviser):
    """R1: neither what was there before, nor what left, nor what does not answer."""
    SavedSearchFactory(account=adviser)
    for _ in range(2):
        arrive(OfferFactory())
    arrive(OfferFactory(), minutes=120)
    arrive(OfferFactory(commune_code="75056", latitude=48.85, longitude=2.35))
    gone = arrive(OfferFactory())
    assert badges(as_adviser) == ["3"]

    withdraw(gone)

    assert badges(as_adviser) == ["2"]


def test_the_count_stops_at_a_hundred(as_adviser, adviser, monkeypatch):
    SavedSearchFactory(account=adviser)
    monkeypatch.setattr("referrals.saved_searches.models.MOST_NEWS", 3)
    monkeypatch.setattr("referrals.saved_searches.matching.MOST_NEWS", 3)
    for _ in range(6):
        arrive(OfferFactory())

    page = as_adviser.get("/recherches/").text

    assert "Plus de 3 nouvelles" in page


def test_home_shows_the_searches_with_news_first(as_adviser, adviser):
    SavedSearchFactory(account=adviser, name="Aide à domicile", query="q=domicile")
    SavedSearchFactory(account=adviser, name="Maçon")
    arrive(OfferFactory())

    page = as_adviser.get("/").text

    assert page.index(">Maçon</a>") < page.index(">Aide à domicile</a>")
    assert badges(as_adviser, "/") == ["1"]


def test_what_is_not_understood_any_more_is_told_and_kept(as_adviser, adviser):
    query = "q=macon&contrat=ZZZ&lieu=38193"
    search = SavedSearchFactory(account=adviser, query=query)
    arrive(OfferFactory())

    page = Page.of(as_adviser.get("/recherches/"))
    results = as_adviser.get(f"/recherches/{search.pk}/", follow=True)
    keep(as_adviser, f"/recherches/{search.pk}/modifier/", name="Autre nom")

    [item] = page.all("li", **{"class": "opus-list__item"})
    assert "Opus ne comprend plus contrat = ZZZ" in item.words()
    assert badges(as_adviser) == []
    assert "contrat = ZZZ" in results.text
    search.refresh_from_db()
    assert (search.name, search.query) == ("Autre nom", query)


def test_name_and_pace_change_and_letters_begin_then(as_adviser, adviser):
    search = SavedSearchFactory(account=adviser)
    url = f"/recherches/{search.pk}/modifier/"
    assert Page.of(as_adviser.get(url)).by_id("id_name")["value"] == search.name
    before = timezone.now() - timezone.timedelta(minutes=5)

    response = keep(as_adviser, url, name="Gros œuvre", alert="immediate")

    assert response["Location"] == "/recherches/"
    search.refresh_from_db()
    assert (search.name, search.alert) == ("Gros œuvre", "immediate")
    assert search.notified_until > before


def test_a_name_taken_is_told_on_the_page_of_changes_too(as_adviser, adviser):
    SavedSearchFactory(account=adviser, name="Maçon")
    search = SavedSearchFactory(account=adviser, name="Autre")

    response = keep(as_adviser, f"/recherches/{search.pk}/modifier/", name="MAÇON")

    assert "porte déjà ce nom" in Page.of(response).by_id("erreurs").words()
    assert "Modifier « Autre »" in Page.of(response).one("h1").words()


def test_the_list_says_which_searches_send_emails(as_adviser, adviser):
    # By name; those of persons stand elsewhere.
    SavedSearchFactory(account=adviser, name="A", alert="quotidienne")
    SavedSearchFactory(account=adviser, name="B")
    SavedSearchFactory(candidate=CandidateFactory(adviser=adviser))

    items = Page.of(as_adviser.get("/recherches/")).all(
        "li", **{"class": "opus-list__item"}
    )

    assert ["Courriels" in item.words() for item in items] == [True, False]


def test_criteria_are_not_said_beside_a_name_that_says_them(as_adviser, adviser):
    SavedSearchFactory(account=adviser, name="CDI, Temps plein", query=FULL_TIME)
    SavedSearchFactory(account=adviser, name="Près de chez moi", query=FULL_TIME)

    text = as_adviser.get("/recherches/").text

    assert text.count("CDI · Temps plein") == 1
