"""The small map of a search: the same numbers as its list, in one drawing (A14)."""

import re
from html import unescape

import pytest

from offers.reference.places import Area, Kind
from offers.search import map as search_map
from offers.search.criteria import Criteria
from offers.search.map import SIZE, CommunePoint, SearchMap, draw, map_url
from offers.search.results import Search
from tests.offers.helpers.factories import OfferFactory

pytestmark = pytest.mark.django_db

HERE = {"commune_code": "38193"}
BOURGOIN = {"commune_code": "38053", "latitude": 45.6, "longitude": 5.27}
LYON = {"commune_code": "69387", "latitude": 45.73, "longitude": 4.84}
NOWHERE = {"commune_code": "", "latitude": 45.61, "longitude": 5.23}
AROUND = {"places": ("38193",), "radius": 20}
PART = {"HX-Request": "true"}


@pytest.fixture
def market() -> None:
    OfferFactory.create_batch(3, **HERE)
    OfferFactory.create_batch(5, **BOURGOIN)
    OfferFactory.create_batch(2, contract="CDD", **BOURGOIN)
    OfferFactory(**NOWHERE)
    OfferFactory.create_batch(2, **LYON)


def test_the_points_are_the_offers_of_the_search(market):
    """Whatever its filters; what has no commune is counted apart."""
    for criteria, wanted in [
        (Criteria(**AROUND), [("Bourgoin-Jallieu", 7), ("L’Isle-d’Abeau", 3)]),
        (
            Criteria(**AROUND, chosen={"contrat": ("CDI",)}),
            [("Bourgoin-Jallieu", 5), ("L’Isle-d’Abeau", 3)],
        ),
        (
            Criteria(places=("38193", "69123"), radius=0),
            [("L’Isle-d’Abeau", 3), ("Lyon 7e Arrondissement", 2)],
        ),
    ]:
        search = Search(criteria)
        drawn = SearchMap(search)
        points = [(point.name, point.offers) for point in drawn.points]

        assert points == wanted
        assert drawn.shown + drawn.elsewhere == drawn.total == search.count
        for point in drawn.points:
            code = re.search(r"lieu=(\w+)", point.url)[1]
            alone = Search(criteria.changed(places=(code,), radius=0))
            assert alone.count == point.offers


def test_the_drawing_says_what_the_table_beside_it_says(market, as_adviser):
    """A14: no outside request, a title, links that the keyboard need not pass."""
    part = as_adviser.get("/offres/carte/?lieu=38193&rayon=20", headers=PART).text
    page = as_adviser.get("/offres/carte/?lieu=38193&rayon=20").text

    assert "<html" not in part
    assert "<h1>Carte des offres</h1>" in page
    assert "Retour à la liste" in page
    for text in (part, page):
        assert "10\xa0offres sur la carte" in text
        assert "1\xa0autre offre ne dit pas sa commune" in text
        assert re.search(
            r'<g role="img" aria-labelledby="(\S+)">\s*<title id="\1">', text
        )
        rows = re.findall(r'<tr>.*?href="([^"]+)">([^<]+)<.*?<td>(\d+)</td></tr>', text)
        dots = re.findall(
            r'<a href="(\S+)" tabindex="-1"><title>(.+?)\xa0: (\d+)\xa0offres</title>',
            text,
        )
        assert sorted(rows) == sorted(dots)
        assert [(unescape(name), count) for _, name, count in rows] == [
            ("Bourgoin-Jallieu", "7"),
            ("L’Isle-d’Abeau", "3"),
        ]
    assert re.findall(r'(?:src|href|url)="?https?:', part) == []


def test_the_list_links_to_its_map_and_asks_for_it_afterwards(market, as_adviser):
    """Without JavaScript a link; with it, the part comes when one sees its place."""
    page = as_adviser.get("/offres/?lieu=38193&rayon=20&contrat=CDI").text

    link = "/offres/carte/?lieu=38193&amp;rayon=20&amp;contrat=CDI"
    assert f'data-hx-get="{link}" data-hx-trigger="intersect once"' in page
    assert f'href="{link}">Voir la carte</a>' in page
    assert "<svg" not in page.partition("data-hx-get")[2].partition("</aside>")[0]


def test_a_map_that_would_say_nothing_is_not_shown(market, as_adviser):
    """No place, one commune, one offer, half of the country."""
    for query in (
        "",
        "q=macon",
        "lieu=38193&rayon=0",
        "lieu=38193&rayon=300",
        "lieu=29232&rayon=20",
    ):
        assert "Voir la carte" not in as_adviser.get(f"/offres/?{query}&mots=lus").text
        assert (
            as_adviser.get(f"/offres/carte/?{query}", headers=PART).text.strip() == ""
        )
        assert (
            "deux communes au moins" in as_adviser.get(f"/offres/carte/?{query}").text
        )
    # All of them in one commune: known when they are counted.
    assert not SearchMap(Search(Criteria(places=("69",)))).says_something


def test_a_map_costs_one_statement_of_offers(market, django_assert_num_queries):
    search = Search(Criteria(**AROUND))

    with django_assert_num_queries(1) as queries:
        drawn = SearchMap(search)
        assert drawn.says_something
        assert drawn.drawing.dots
    assert "offers_offersearch" in queries[0]["sql"]


def test_what_the_map_leaves_out_is_said(market, settings, monkeypatch, as_adviser):
    monkeypatch.setattr(search_map, "MOST_POINTS", 2)
    OfferFactory(commune_code="38553", latitude=45.61, longitude=5.15)
    text = as_adviser.get("/offres/carte/?lieu=38193&rayon=20", headers=PART).text
    assert "Les 2 communes qui ont le plus d’offres sont montrées" in text
    assert "2\xa0offres sont ailleurs" in text

    settings.SEARCH_COUNT_CAP = 8
    search = Search(Criteria(**AROUND))
    assert SearchMap(search).total == search.count == 8
    text = as_adviser.get("/offres/carte/?lieu=38193&rayon=20", headers=PART).text
    assert "La carte ne compte que 8\xa0offres" in text


def test_everything_is_drawn_within_the_frame_and_no_name_covers_another():
    points = [
        CommunePoint(
            f"Commune {n}", (45.6 + n * 0.013 % 0.17, 5.2 + n * 0.029 % 0.19), n, 1, "#"
        )
        for n in range(1, 200)
    ]
    towns = [
        Area(point.name, point.name, Kind.COMMUNE, "38", (), point.at)
        for point in points
    ]

    drawn = draw([(45.6, 5.2)], 20, points, lambda frame: towns)

    assert len(drawn.dots) == 199
    for dot in drawn.dots:
        assert dot.r <= dot.x <= SIZE - dot.r
        assert dot.r <= dot.y <= SIZE - dot.r
    # Equal areas for equal numbers, the largest below.
    radii = [dot.r for dot in drawn.dots]
    assert radii == sorted(radii, reverse=True)
    [circle] = drawn.circles
    assert [ring.label for ring in drawn.rings] == ["5\xa0km", "10\xa0km"]
    assert drawn.rings[1].r == pytest.approx(circle.r / 2, abs=1)
    names = sorted((name.y, name.x) for name in drawn.names)
    assert all(
        abs(a[0] - b[0]) >= 13 or abs(a[1] - b[1]) >= 54
        for n, a in enumerate(names)
        for b in names[n + 1 :]
    )


def test_without_a_circle_the_frame_is_around_the_points(market):
    search = Search(Criteria(places=("38", "69")))
    drawing = SearchMap(search).drawing

    assert (drawing.circles, drawing.rings, drawing.centres) == ([], [], [])
    assert {dot.of.name for dot in drawing.dots} >= {"Lyon 7e Arrondissement"}
    assert map_url(search) == "/offres/carte/?lieu=38,69"
