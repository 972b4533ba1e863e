"""The filters on the screen: boxes of words, ticks, chips, what is in force (U1)."""

import random
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict

from offers.reference.models import Appellation, Rome, Skill, label_key
from offers.reference.trades import resolve_label, sectors, suggest_trades
from offers.search.criteria import BY_NAME, MORE_FILTERS, Criteria
from offers.search.page import GROUPS, RARE
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory
from tests.offers.search.test_search import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stones() -> Appellation:
    """A name of a job within F1703, as an import would have learnt it."""
    return learn("Maçon / Maçonne en pierres")


def learn(label: str, rome_code: str = "F1703") -> Appellation:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offers_appellation (key, label, plain, rome_code)"
            " VALUES (opus_label_key(%s), %s, opus_plain(%s), %s) RETURNING key",
            [label, label, label, rome_code],
        )
        return Appellation.objects.get(pk=cursor.fetchone()[0])


@pytest.fixture
def formwork() -> Skill:
    return Skill.objects.create(
        code=300425, label="Réaliser un coffrage", plain="realiser un coffrage"
    )


def send(client, **boxes):
    return client.get("/offres/", {"q": "", **boxes})


# --- Trades and appellations in one box ----------------------------------------------


def test_the_key_of_a_name_is_the_one_that_postgresql_makes_of_its_label(stones):
    assert label_key(stones.code) == stones.key


def test_trades_and_appellations_are_proposed_and_told_apart(as_adviser, stones):
    """Rome labels begin with « Maçon », too."""
    response = as_adviser.get("/offres/metiers/", {"q": "macon"})

    choices = response.json()["choices"]
    assert {
        "code": "F1703",
        "label": "Maçon / Maçonne (F1703)",
        "detail": "métier",
        "text": "Maçon / Maçonne (F1703)",
    } in choices
    assert choices[-1] == {
        "code": "macon-maconne-en-pierres",
        "label": "Maçon / Maçonne en pierres",
        "detail": "appellation",
        "text": "Maçon / Maçonne en pierres (appellation)",
    }


def test_appellations_find_room_among_many_trades():
    for number in range(30):
        learn(f"Technicien / Technicienne d’essai {number}")

    found = suggest_trades("technicien")

    assert len(found) == 10
    assert [type(job) for job in found] == [Rome] * 4 + [Appellation] * 6


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Maçon / Maçonne en pierres (appellation)", "macon-maconne-en-pierres"),
        ("Maçon / Maçonne (F1703)", "F1703"),
        ("f1703", "F1703"),
        ("maçon", ""),
        ("F9999", ""),
        ("xyzzy (appellation)", ""),
    ],
)
def test_a_label_as_proposed_is_its_trade_or_appellation(stones, typed, name):
    found = resolve_label(typed)

    assert (found.code if found else "") == name


def test_one_box_leads_to_words_a_trade_or_an_appellation(as_adviser, stones):
    """U11: what is chosen in the box becomes a code; sent again, nothing changes."""
    response = send(as_adviser, q="Maçon / Maçonne (F1703)", avant="")
    assert response["Location"] == "/offres/?rome=F1703"
    screen = as_adviser.get(response["Location"]).context["screen"]
    shown = {**dict(screen.kept), "q": screen.job, "avant": screen.job, "ou": ""}
    assert screen.job == "Maçon / Maçonne (F1703)"
    assert send(as_adviser, **shown)["Location"] == response["Location"]
    # Emptied, the trade goes; typed over, too.
    assert send(as_adviser, **{**shown, "q": ""})["Location"] == "/offres/"
    again = send(as_adviser, **{**shown, "q": str(stones)})
    assert again["Location"] == "/offres/?appellation=macon-maconne-en-pierres"


def test_an_appellation_that_no_offer_has_finds_none_and_is_told(as_adviser):
    OfferFactory()

    screen = as_adviser.get("/offres/?appellation=dompteur-dompteuse").context["screen"]

    assert screen.count == 0
    assert [chip.label for chip in screen.chips] == ["Dompteur dompteuse (appellation)"]


# --- Skills and sectors --------------------------------------------------------------


@pytest.mark.parametrize(
    ("boxes", "url"),
    [
        ({"savoir": "coffrage"}, "/offres/?competence=300425"),
        ({"savoir": "300425"}, "/offres/?competence=300425"),
        ({"savoir": "", "competence": "300425"}, "/offres/"),
        ({"activite": "restauration"}, "/offres/?secteur=56"),
        ({"activite": "43 ; 56"}, "/offres/?secteur=43,56"),
        ({"activite": "Restauration", "secteur": "43"}, "/offres/?secteur=56"),
        (
            {"savoir": "coffrage", "activite": "56"}
            | {"q": "F1703", "avant": "", "ou": "38"},
            "/offres/?lieu=38&rome=F1703&competence=300425&secteur=56",
        ),
    ],
)
def test_boxes_of_words_become_codes(as_adviser, formwork, boxes, url):
    response = send(as_adviser, **boxes)

    assert (response.status_code, response["Location"]) == (302, url)
    assert as_adviser.get(url, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ({"ou": "xyzzy"}, "Aucun lieu ne correspond à «\xa0xyzzy\xa0»"),
        ({"savoir": "xyzzy"}, "Aucune compétence nommée par les offres"),
        ({"activite": "xyzzy"}, "Aucun secteur d’activité"),
    ],
)
def test_a_word_that_nothing_is_named_by_is_an_error_at_its_box(
    as_adviser, boxes, message
):
    """A5: the words stay, and so do the filters of before."""
    response = send(as_adviser, permis="B", salaire="1800", **boxes)

    page = response.content.decode()
    assert response.status_code == 200
    assert "<title>Erreur" in page
    assert message in page
    assert 'value="xyzzy"' in page
    assert page.count('aria-invalid="true"') == 1
    assert '<input type="hidden" name="permis" value="B">' in page
    assert '<input type="hidden" name="salaire" value="1800">' in page


def test_a_word_of_several_skills_is_asked_about_and_the_sector_goes_along(
    as_adviser, formwork
):
    other = Skill.objects.create(
        code=101846, label="Décoffrer un coffrage", plain="decoffrer un coffrage"
    )

    response = send(as_adviser, savoir="coffrage", activite="56")

    options = response.context["screen"].doubt.options
    assert [skill for skill, _ in options] == [formwork, other]
    after = as_adviser.get(options[1][1])
    assert after["Location"] == "/offres/?competence=101846&secteur=56"


@pytest.mark.parametrize(
    ("path", "box", "typed", "expected"),
    [
        ("/offres/competences/", "savoir", "coff", ["Réaliser un coffrage"]),
        ("/offres/competences/", "savoir", "%", []),
        ("/offres/secteurs/", "activite", "restau", ["Restauration"]),
        ("/offres/secteurs/", "activite", "", []),
    ],
)
def test_skills_and_sectors_are_proposed_by_the_beginnings_of_their_words(
    as_adviser, formwork, path, box, typed, expected
):
    choices = as_adviser.get(path, {box: typed}).json()["choices"]

    assert [choice["text"] for choice in choices] == expected


def test_the_sectors_are_the_divisions_of_the_naf():
    assert len(sectors()) == 88
    assert sectors()["43"].label == "Travaux de construction spécialisés"


# --- Pay -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "pay"),
    [
        ("1800", 1800),
        ("1 800 €", 1800),
        ("1\u202f800\xa0euros", 1800),
        ("1800,50", 1800),
        ("0", None),
        ("99999", 50_000),
        ("", None),
    ],
)
def test_a_wage_is_read_as_people_write_it(typed, pay):
    query = QueryDict(mutable=True)
    query["salaire"] = typed

    criteria = Criteria.from_query(query)

    assert (criteria.pay, criteria.unread) == (pay, ())


def test_who_says_no_wage_is_out_and_the_page_says_so(as_adviser):
    OfferFactory(pay_least=None, pay_most=None)
    offer = OfferFactory(pay_least=1_700, pay_most=1_900)

    response = as_adviser.get("/offres/?salaire=1800")

    assert [hit.offer for hit in response.context["page"]] == [offer]
    assert "Les offres sans salaire n’en sont pas" in response.content.decode()


# --- Simple search and all the filters -----------------------------------------------


def test_every_filter_without_counts_stands_in_one_group():
    grouped = [name for _, names in GROUPS for name in names]

    assert sorted(grouped) == sorted(each.name for each in MORE_FILTERS)


MORE = [*RARE, *(each.name for each in MORE_FILTERS)]


@each_case("name", MORE)
def test_a_filter_in_force_opens_them_all_and_shows_its_chip(as_adviser, name):
    OfferFactory()
    option = BY_NAME[name].options[0]

    response = as_adviser.get(f"/offres/?q=macon&{name}={option.value}")

    page, screen = response.content.decode(), response.context["screen"]
    assert '<details class="opus-filters__more" id="tous-les-filtres" open>' in page
    assert "Tous les filtres (1 en cours)" in page
    assert "Filtres (1)" in page
    assert screen.chips[-1].url == "/offres/?q=macon"
    ticked = f'value="{option.value}" form="recherche" checked'
    assert f'name="{name}" {ticked}' in page


def test_a_simple_search_leaves_them_folded(as_adviser):
    OfferFactory()

    page = as_adviser.get("/offres/?q=macon&contrat=CDI&depuis=7").content.decode()

    assert '<details class="opus-filters__more" id="tous-les-filtres">' in page
    assert "Filtres (2)" in page


# --- Counts --------------------------------------------------------------------------


def test_choices_are_counted_once_their_filter_opens(as_adviser):
    """P1: not on the page, whose filters are folded."""
    OfferFactory(contract="CDI")
    OfferFactory(contract="CDI", full_time=False)
    OfferFactory(contract="CDD")
    query = "q=macon&contrat=CDD&temps=plein"

    page = as_adviser.get(f"/offres/?{query}").content.decode()
    opened = as_adviser.get(f"/offres/filtres/?{query}&filtre=contrat").content.decode()

    assert 'data-hx-get="/offres/filtres/?filtre=contrat"' in page
    assert "opus-facet__count" not in page
    assert opened.lstrip().startswith("<fieldset")
    assert counts_in(opened)["CDI"] == "1"
    assert counts_in(opened)["CDD"] == "1"
    assert 'value="MIS" form="recherche" disabled' in opened


def test_without_javascript_all_filters_are_counted_on_their_page(as_adviser, settings):
    settings.SEARCH_COUNT_CAP = 1
    OfferFactory(contract="CDI")
    OfferFactory(contract="CDI", full_time=False)
    OfferFactory(contract="CDD")

    listed = as_adviser.get("/offres/?q=macon&mots=exacts&temps=plein")
    [url] = re.findall(r'href="(/offres/filtres/[^"]+)"', listed.text)
    page = as_adviser.get(unescape(url)).text

    assert "Plus de 1\xa0offre" in page
    counts = counts_in(page)
    assert (counts["CDI"], counts["CDD"], counts["MIS"]) == ("1", "1", "0")
    assert (counts["plein"], counts["partiel"]) == ("plus de\xa01", "1")


def counts_in(page: str) -> dict[str, str]:
    """The count beside each choice."""
    count = r'value="([^"]+)"[^>]*><label[^>]*>[^<]+ <span class="[^"]+">([^<]+)'
    return dict(re.findall(count, page))


def test_counts_of_all_choices_are_one_query(as_adviser):
    """P8."""
    as_adviser.get("/offres/filtres/?q=macon&filtre=contrat")

    assert (
        queries_of(as_adviser, "/offres/filtres/?q=macon&mots=lus&filtre=contrat") <= 7
    )
    assert queries_of(as_adviser, "/offres/filtres/?q=macon&mots=lus") <= 12


EVERYTHING = (
    "q=macon&mots=lus&lieu=38193,69&rayon=30&rome=F1703&appellation=macon-maconne-en-pierres"
    "&contrat=CDI&mode=sans&publiee=oui&temps=plein&experience=D&th=oui&nature=E1"
    "&alternance=oui&aide=oui&duree=1-3&heures=35&horaire=nuit&permis=B,C&formation=cap"
    "&qualification=non-cadre&peu=oui&adaptee=oui&handi=oui&origine=francetravail"
    "&competence=300425&secteur=43&salaire=1800&depuis=7&dit=macon&tri=date"
)


def test_a_search_with_every_filter_has_one_address_and_a_chip_for_each(
    as_adviser, stones, formwork
):
    """U1: it can be sent and gone back to; nothing of a person stands in it."""
    screen = as_adviser.get(f"/offres/?{EVERYTHING}").context["screen"]

    assert screen.criteria.query_string == EVERYTHING
    assert screen.unread == []
    assert len(screen.chips) == 28
    # Some chips at each run, all of them in time.
    for chip in random.sample(screen.chips, 8):
        rest = parse_qs(urlsplit(chip.url).query)
        assert len(rest) in (31, 30), chip
        assert as_adviser.get(chip.url).context["screen"].unread == []


def test_queries_stay_within_twelve_with_every_filter(as_adviser, stones, formwork):
    """P8."""
    url = f"/offres/?{EVERYTHING.replace('aide=oui', '').replace('&th=oui', '')}"
    as_adviser.get(url)  # The words are read once, the connection's types too.
    counts = []
    for size in (1, 19):
        for _ in range(size):
            OfferFactory(
                appellation=stones.label,
                permits=["B"],
                skills=[300425],
                pay_most=2_000,
                description="De nuit",
            )
        counts.append(queries_of(as_adviser, url))

    assert counts[0] == counts[1] <= 12


def test_a_page_of_results_weighs_little_on_the_wire(as_adviser):
    """P8: at most 30 kB a page once styles and scripts are there."""
    for number in range(20):
        OfferFactory(title=f"Maçon de chantier {number}", unpublished=True)

    response = as_adviser.get(
        "/offres/?q=macon&permis=aucun", headers={"Accept-Encoding": "gzip, br"}
    )

    assert len(response.context["page"]) == 20
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= 30_000


def test_every_parameter_is_in_the_documentation():
    text = (settings.BASE_DIR / "docs" / "search.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)

    assert sorted(documented) == sorted([*parse_qs(EVERYTHING), "page"])
    for each in MORE_FILTERS:
        [row] = re.findall(rf"^\| `{each.name}` \|.*$", text, re.MULTILINE)
        if each.name != "permis":
            assert all(f"`{option.value}`" in row for option in each.options), row


def test_odd_codes_are_told_and_left_out(as_adviser):
    """S35."""
    offer = OfferFactory()
    odd = "permis=Z&heures=40&competence=abc&secteur=BTP&appellation=(x)&duree=&aide=1"

    response = as_adviser.get(f"/offres/?{odd}")

    assert [hit.offer for hit in response.context["page"]] == [offer]
    assert response.context["screen"].unread == [
        "appellation = (x)",
        "competence = abc",
        "secteur = BTP",
        "aide = 1",
        "heures = 40",
        "permis = Z",
    ]
