"""Where a search finds nothing: other spellings, one thing less, both with counts."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from offers.search.models import Word
from offers.search.words import refresh_words, respell
from offers.tasks import write_first_words
from tests.offers.helpers.factories import OfferFactory, withdraw

pytestmark = pytest.mark.django_db


def ways(client: Client, query: str) -> tuple[list, list]:
    """(spellings, other ways) that the page proposes: (label, address, count)."""
    response = client.get(f"/offres/?{query}")
    found = response.context["screen"].search.proposals
    page = response.content.decode()
    for way in (*found.spellings, *found.others):
        assert f'href="{way.criteria.url.replace("&", "&amp;")}"' in page
    return tuple(
        [(way.label.replace("\xa0", " "), way.criteria.url, way.count) for way in some]
        for some in (found.spellings, found.others)
    )


def test_each_single_criterion_to_give_up_is_told_with_what_it_would_find(as_adviser):
    OfferFactory.create_batch(3, title="Soudeur", contract="CDD")
    OfferFactory(title="Cariste", contract="CDI")

    spellings, others = ways(as_adviser, "q=soudeur&lieu=38193&contrat=CDI&depuis=7")

    assert spellings == []
    # Neither the place nor the date stands in the way.
    assert others == [
        ("Sans le filtre CDI", "/offres/?q=soudeur&lieu=38193&depuis=7", 3),
        ("Sans « soudeur »", "/offres/?lieu=38193&contrat=CDI&depuis=7", 1),
    ]


def test_the_place_is_given_up_first_and_the_job_last(as_adviser):
    """Whichever finds most."""
    OfferFactory(title="Soudeur", contract="CDD")
    OfferFactory(title="Soudeur", latitude=48.85, longitude=2.35)
    OfferFactory.create_batch(3, title="Cariste", contract="CDI")

    _, others = ways(as_adviser, "q=soudeur&lieu=38193&contrat=CDI")

    assert [label for label, _, _ in others] == [
        "Sans le lieu L’Isle-d’Abeau (38)",
        "Sans le filtre CDI",
        "Sans « soudeur »",
    ]


def test_a_larger_circle_is_proposed_where_offers_lie_in_it(as_adviser):
    OfferFactory(latitude=45.5, longitude=5.2274)

    _, others = ways(as_adviser, "q=macon&lieu=38193&rayon=10")

    assert ("À 20 km", "/offres/?q=macon&lieu=38193&rayon=20", 1) in others
    assert ("À 30 km", "/offres/?q=macon&lieu=38193&rayon=30", 1) in others


def test_one_word_of_several_is_given_up(as_adviser):
    OfferFactory(title="Soudeur", description="TIG")

    _, others = ways(as_adviser, "q=soudeur+aluminium")

    assert others == [("Sans le mot « aluminium »", "/offres/?q=soudeur", 1)]


def test_exact_words_are_not_corrected_but_their_spelling_is_proposed(as_adviser):
    OfferFactory.create_batch(2, title="Électricien (H/F)", company="Essai")
    OfferFactory(title="Mécanicien", company="Essai", contract="CDD")
    refresh_words()

    spellings, _ = ways(as_adviser, "q=electriciein&mots=exacts")

    assert spellings == [("électricien", "/offres/?q=%C3%A9lectricien&mots=exacts", 2)]
    # Nor is one that finds nothing in this very search.
    assert ways(as_adviser, "q=mecanicein&mots=exacts&contrat=CDI")[0] == []


def test_a_new_opus_helps_before_its_first_night():
    """And what it knows already waits for the night, however often the clock asks."""
    write_first_words()
    OfferFactory(title="Boulanger", company="Essai")
    write_first_words()
    OfferFactory(title="Mécanicien", company="Essai")
    write_first_words()

    assert respell("boulnager") == ["boulanger"]
    assert respell("mecanicein") == []


def test_a_withdrawn_offer_lends_its_words_to_no_correction():
    """R1: the table is of last night, the counts are of now."""
    offer = OfferFactory(title="Zingueur")
    refresh_words()
    assert respell("zinguer") == ["zingueur"]

    withdraw(offer)

    assert respell("zinguer") == []
    refresh_words()
    assert not Word.objects.filter(plain="zingueur").exists()


def test_words_that_some_offer_has_are_not_corrected(as_adviser):
    """« boulanger charpentier » is no slip: nobody is both."""
    OfferFactory(title="Boulanger")
    OfferFactory(title="Charpentier")
    OfferFactory(title="Boulangerie")
    refresh_words()

    assert ways(as_adviser, "q=boulanger+charpentier")[0] == []


def test_words_are_kept_with_the_accents_that_offers_write():
    OfferFactory(title="MACON", rome_label="Maçon", appellation="maçon d’élite")
    OfferFactory(title="Maçon", rome_label="", appellation="")
    refresh_words()

    assert Word.objects.get(plain="macon").label == "maçon"
    assert respell("massonn") == []
    assert respell("maccon") == ["maçon"]


def test_nothing_at_all_leads_to_all_offers(as_adviser):
    OfferFactory()

    page = as_adviser.get("/offres/?q=zzyzx&depuis=1").content.decode()

    assert "Retirer un seul critère n’y change rien" in page


@pytest.mark.parametrize("text", ["'", "\\", "%", "a" * 200, "é" * 60, "1 2 3 4 5 6 7"])
def test_odd_words_are_answered(as_adviser, text):
    """S35."""
    OfferFactory()
    refresh_words()

    assert as_adviser.get("/offres/", {"q": text, "contrat": "CDD"}).status_code == 200


def test_the_nearest_offers_of_the_same_job_are_shown(as_adviser):
    """Three of them, the nearest first: those of the first way out."""
    far = [
        OfferFactory(title="Soudeur", latitude=latitude, longitude=5.2274)
        for latitude in (46.0, 45.75, 45.8, 45.72)
    ]
    OfferFactory(title="Cariste")

    page = as_adviser.get("/offres/?q=soudeur&lieu=38193&rayon=10&mots=lus")
    without_job = as_adviser.get("/offres/?q=zingueur&lieu=38193&mots=lus")

    search = page.context["screen"].search
    assert search.proposals.same_job.label == "À 20\xa0km"
    nearest = [far[3].pk, far[1].pk, far[2].pk]
    assert [hit.offer.pk for hit in search.nearest] == nearest
    shown = re.findall(r'id="offre-(\w+)"', page.content.decode())
    assert shown == nearest
    # Another job is no near offer.
    assert without_job.context["screen"].search.nearest == []


def test_help_takes_few_queries(as_adviser):
    """P8: twelve, and two more if three offers stand below."""
    OfferFactory(title="Boulanger", contract="CDD")
    refresh_words()
    query = (
        "/offres/?q=boulnager+nuit&lieu=38193&rome=F1703&contrat=CDI&mode=sans&mots=lus"
    )
    as_adviser.get(query)

    with CaptureQueriesContext(connection) as queries:
        page = as_adviser.get(query)

    assert page.context["screen"].search.nearest
    assert len(queries) <= 14
