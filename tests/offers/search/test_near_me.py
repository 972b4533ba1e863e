"""The place of a search by default: around the structure, until one removes it."""

import pytest

from accounts.structures.models import Structure
from offers.reference.places import suggest
from tests.offers.helpers.factories import OfferFactory
from tests.tables import without_triggers

pytestmark = pytest.mark.django_db
NEAR = "/offres/?lieu=38193&rayon=20"


@pytest.fixture(autouse=True)
def at_home(adviser):
    Structure.objects.filter(pk=adviser.structure_id).update(commune_code="38193")


def test_the_page_without_parameters_is_around_the_structure(as_adviser):
    here = OfferFactory()
    far = OfferFactory(commune_code="75056", latitude=48.85, longitude=2.35)

    page = as_adviser.get("/offres/", follow=True)

    assert page.redirect_chain == [(NEAR, 302)]
    assert here.pk in page.text
    assert far.pk not in page.text
    assert far.pk in as_adviser.get("/offres/?q=macon").text


def test_a_place_that_is_removed_stays_removed_until_it_is_chosen_again(as_adviser):
    removal = "/offres/?lieu="
    assert f'href="{removal}"' in as_adviser.get(NEAR).text

    as_adviser.get(removal)
    everywhere = as_adviser.get("/offres/")
    form = {"q": "", "lieu": "38193", "rayon": "20", "ou": "L’Isle-d’Abeau (38)"}
    as_adviser.get("/offres/", form)
    again = as_adviser.get("/offres/")
    as_adviser.get("/offres/", form | {"ou": ""})
    emptied = as_adviser.get("/offres/")

    assert (everywhere.status_code, emptied.status_code) == (200, 200)
    assert again["Location"] == NEAR


def test_a_filter_ticked_in_place_removes_nothing(as_adviser):
    as_adviser.get("/offres/?lieu=&contrat=CDI", headers={"HX-Request": "true"})

    assert as_adviser.get("/offres/")["Location"] == NEAR


@pytest.mark.plants_defects
def test_a_structure_without_a_known_commune_searches_everywhere(as_adviser, adviser):
    with without_triggers():
        Structure.objects.filter(pk=adviser.structure_id).update(commune_code="99999")

    assert as_adviser.get("/offres/").status_code == 200


def test_places_are_proposed_from_the_nearest_on(as_adviser):
    proposed = as_adviser.get("/offres/lieux/", {"ou": "saint"}).json()["choices"]

    assert suggest("saint")[0].department != "38"
    exact, *near = [each["label"] for each in proposed if len(each["code"]) == 5]
    assert exact == "Le Saint (56)"
    assert near
    assert all(label.endswith("(38)") for label in near)
