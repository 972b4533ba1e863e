"""What typed words say: conditions, a place, trades (U1)."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from offers.catalogue.models import OfferSearch
from offers.catalogue.writes import writing_offers
from offers.reference.models import Rome
from offers.search.conditions import read as as_query
from offers.search.criteria import UNPRINTABLE, Criteria
from offers.search.models import EverydayWord, JobName, Miss, MissedWord
from offers.search.reading import understand
from offers.search.results import Search
from offers.search.words import refresh_search
from offers.tasks import write_words_of_offers
from tests.accounts.factories import AdviserFactory
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.offers.search.test_search import queries_of

pytestmark = pytest.mark.django_db

BLANK = {"description": "", "company": "", "skills_text": ""}
ISERE = "38"


def make(title: str, rome_code: str, count: int = 3, **values: object) -> list:
    label = Rome.objects.get(pk=rome_code).label if rome_code else ""
    given = BLANK | {"appellation": title, "rome_label": label} | values
    return OfferFactory.create_batch(count, title=title, rome_code=rome_code, **given)


@pytest.fixture
def market() -> None:
    make("Boulanger / Boulangère", "D1102")
    make("Maçon / Maçonne", "F1703")
    make("Plombier / Plombière", "F1603", 12)
    make("Employé / Employée de ménage", "K1304")
    make("Veilleur / Veilleuse de nuit", "K2501")
    make("Conducteur / Conductrice de ligne", "H2102")
    refresh_search()


def read(text: str, department: str = ISERE, **more: str) -> dict[str, str]:
    """The parameters that a text becomes, without what was typed."""
    query = QueryDict(urlencode({"q": text, **more}))
    found = understand(Criteria.from_query(query), department=department).parameters()
    return {k: v for k, v in found.items() if k not in ("dit", "mots", "rayon")}


UNREAD = [
    ("plombier", 2),
    ("boulanger à vannes mi-temps", 5),
    ("conducteur de ligne isère 20 km", 4),
    ("je cherche un poste de maçon à atlantis", 5),
    ("plombeir villefontaine", 8),
    # Nothing is found there, so « vannes » is read as a word, too.
    ("plombeir vannes cdi", 14),
]


@each_case(("text", "most"), UNREAD)
def test_an_address_of_before_takes_few_queries_more(as_adviser, market, text, most):
    """P8: to read its words anew; the codes that it becomes take a page's twelve.

    Two more where nothing is found, for the three nearest offers.
    """
    url = f"/offres/?{urlencode({'q': text})}"
    read = as_adviser.get(url).context["screen"].criteria.url
    as_adviser.get(read)

    assert queries_of(as_adviser, read) <= 14
    assert queries_of(as_adviser, url) <= queries_of(as_adviser, read) + most


@each_case(
    ("text", "words", "rest"),
    [
        ("boulanger vannes cdi", "boulanger", "rome=D1102&lieu=56260&contrat=CDI"),
        ("CDI boulanger à Vannes", "boulanger", "rome=D1102&lieu=56260&contrat=CDI"),
        ("je souhaite trouver un emploi de boulanger", "boulanger", "rome=D1102"),
        ("boulangère mi-temps", "boulangère", "rome=D1102&temps=partiel"),
        ("plombier intérim", "plombier", "rome=F1603&contrat=MIS"),
        ("plombier, débutant", "plombier", "rome=F1603&experience=D"),
        ("plombier cdi cdd", "plombier", "rome=F1603&contrat=CDI,CDD"),
        # A condition within the name of a job is a part of it.
        ("veilleur de nuit", "veilleur de nuit", "rome=K2501,G1703"),
        ("boulanger de nuit", "boulanger", "rome=D1102&horaire=nuit"),
        # Licences are never stop words.
        ("permis C", "permis C", ""),
        ("permis d", "permis d", ""),
        ("caces 3", "caces 3", ""),
        # A sector, unless a job stands before it; rather than the town La Couture.
        ("je cherche un emploi dans la couture", "couture", "rome=B1803,D1207,H2402"),
        ("chauffeur vsl Vannes", "chauffeur vsl", "rome=J1305,J1310&lieu=56260"),
        ("plombier ehpad", "plombier ehpad", "rome=F1603"),
        # Places.
        ("plombier 56", "plombier", "rome=F1603&lieu=56"),
        ("plombier 01", "plombier", "rome=F1603&lieu=01"),
        ("plombier 75013", "plombier", "rome=F1603&lieu=75113"),
        ("plombier paris 13e", "plombier", "rome=F1603&lieu=75113"),
        ("plombier dans l’Isère", "plombier", "rome=F1603&lieu=38"),
        ("plombier thonon", "plombier", "rome=F1603&lieu=74281"),
        ("plombier Vannes (56)", "plombier", "rome=F1603&lieu=56260"),
        ("cdi", "", "contrat=CDI"),
        ("Vannes", "", "lieu=56260"),
        # Several places: each; of one within another the smaller.
        ("plombier Vannes ou Lorient", "plombier", "rome=F1603&lieu=56260,56121"),
        ("plombier Lyon Villeurbanne", "plombier", "rome=F1603&lieu=69123,69266"),
        ("plombier à Vannes ou à Lorient", "plombier", "rome=F1603&lieu=56260,56121"),
        ("Vannes, Auray et Lorient", "", "lieu=56260,56007,56121"),
        ("plombier Vannes Morbihan", "plombier", "rome=F1603&lieu=56260"),
        ("plombier Bretagne Vannes", "plombier", "rome=F1603&lieu=56260"),
        ("conducteur de ligne Lyon", "conducteur de ligne", "rome=H2102&lieu=69123"),
        ("ouvrier de ligne Lyon", "ouvrier de ligne", "lieu=69123"),
        # Misspelt towns, by the bounds of words.
        ("plombier vanes", "plombier", "rome=F1603&lieu=56260"),
        ("plombier à saint-nasaire", "plombier", "rome=F1603&lieu=44184"),
        ("plombier la rochele", "plombier", "rome=F1603&lieu=17300"),
        ("plombier a grenobel", "plombier", "rome=F1603&lieu=38185"),
        ("vilefontaine", "", "lieu=38553"),
        # Never a town that exists, a name of a job, a word that offers have.
        ("plombier Vanne", "plombier", "rome=F1603&lieu=70520"),
        ("plonbier", "plombier", "rome=F1603"),
        ("plombier zvanes", "plombier zvanes", "rome=F1603"),
        # A known name of a job wins over a town, unless « à » is before.
        ("macon", "macon", "rome=F1703"),
        ("maçon à Mâcon", "maçon", "rome=F1703&lieu=71270"),
        ("conducteur de ligne", "conducteur de ligne", "rome=H2102"),
        # What people say.
        ("femme de ménage", "femme de ménage", "rome=K2204,K1304"),
        ("homme à tout faire", "homme à tout faire", "rome=I1203"),
        ("extra en salle", "extra en salle", "rome=G1803"),
        ("vendeur au marché Lyon", "vendeur au marché", "rome=D1107,D1106&lieu=69123"),
        # A place that does not exist.
        ("boulanger à Trifouillis-les-Oies", "boulanger", "rome=D1102"),
    ],
)  # fmt: skip
def test_words_become_codes(market, text, words, rest):
    codes = dict(part.split("=") for part in rest.split("&") if part)

    assert read(text) == ({"q": words} if words else {}) | codes


def test_among_towns_of_one_name_ones_own_department_is_first(market, as_adviser):
    assert read("plombier Vienne", "38")["lieu"] == "38544"
    assert read("plombier Vienne", "17")["lieu"] == "86"
    assert read("plombier saint martin", "54")["lieu"] == "54480"

    # And the page says that there are others.
    page = as_adviser.get("/offres/", {"q": "plombier Vienne"}).content.decode()
    assert "D’autres lieux portent ce nom" in page
    assert "Vienne (département 86)" in page


def test_a_misspelt_town_is_said_and_undone_by_one_link(market, as_adviser):
    """A word that offers have is none."""
    screen = as_adviser.get("/offres/?q=plombier+vanes").context["screen"]
    [(before, after, undo_url)] = screen.respelled
    assert (before, after) == ("vanes", "Vannes")

    exact = as_adviser.get(undo_url)
    assert exact["Location"] == "/offres/?q=plombier+vanes&mots=exacts"
    make("Plombier / Plombière", "F1603", 1, description="Chez Vanes")
    assert "lieu" not in read("plombier vanes")
    assert (
        as_adviser.get("/offres/?q=plombier+Vannes").context["screen"].respelled == []
    )


@each_case(
    "text",
    ["boulanger", "boulanger vannes cdi", "plombier vanes", "plonbier", "zzyzx à Oie"],
)
def test_reading_costs_a_few_statements(market, text, django_assert_max_num_queries):
    """P8: an address of before is read anew."""
    as_query.cache_clear()
    with django_assert_max_num_queries(12):
        understand(Criteria(words=text), department=ISERE)


def test_a_town_that_titles_name_is_a_town_all_the_same(market):
    make("Plombier / Plombière à Villefontaine", "F1603", 30)
    refresh_search()

    assert read("plombier vilefontaine")["lieu"] == "38553"


def test_a_misspelt_town_is_known_though_its_stem_is_a_word(market):
    """« vanes » has the stem of a van, « marseile » that of Marseille."""
    make("Plombier de vans à Marseille", "F1603", 30)
    refresh_search()

    assert read("plombier vanes")["lieu"] == "56260"
    assert read("plombier marseile")["lieu"] == "13055"
    # A small town is known after « à », in one's own department.
    assert "lieu" not in read("plombier allemand")
    assert read("plombier à allemand")["lieu"] == "38005"


def test_several_places_are_said(market, as_adviser):
    page = as_adviser.get("/offres/?q=plombier+Vannes+ou+Lorient")

    assert "Plusieurs lieux sont nommés" in page.text
    assert [str(area) for area in page.context["screen"].search.areas] == [
        "Vannes (56)",
        "Lorient (56)",
    ]


def test_a_place_in_the_words_wins_over_the_box(market):
    assert read("boulanger Vannes", lieu="38193")["lieu"] == "56260"


def test_the_circle_widens_until_a_first_page_is_full(market):
    """Twelve plumbers, 15 km from there."""
    near = {"latitude": 47.79, "longitude": -2.76}
    make("Plombier / Plombière", "F1603", 12, **near)

    criteria = understand(Criteria(words="plombier vannes"))
    assert (criteria.places, criteria.radius) == (("56260",), 20)
    criteria = understand(Criteria(words="plombier à 5 km de vannes"))
    assert criteria.radius == 5


@each_case(
    ("text", "words"),
    [
        ("plonbier", "plombier"),
        ("boulnager", "boulanger"),
        # Feminines and plurals are no errors, nor is what is far from any word.
        ("plombières", "plombières"),
        ("zzyzx qwerty", "zzyzx qwerty"),
        # A word that is another one, and a second one that is none.
        ("plonbier zzyzx", "plonbier zzyzx"),
    ],
)
def test_a_misspelt_word_is_corrected_if_the_other_is_far_commoner(market, text, words):
    assert read(text)["q"] == words


def test_a_correction_is_said_and_undone_by_one_link(market, as_adviser):
    response = as_adviser.get("/offres/", {"q": "plonbier"})
    [(before, after, undo_url)] = response.context["screen"].respelled

    assert (before, after) == ("plonbier", "plombier")
    page = response.content.decode()
    assert "a été cherché au lieu de" in page
    again = as_adviser.get(undo_url).context["screen"]
    assert (again.criteria.words, again.count) == ("plonbier", 0)


def test_trades_are_added_to_the_words_and_come_after_titles(market):
    other = make("Ouvrier tourier", "D1102", 1, rome_label="")[0]
    text = make("Livreur", "N4105", 1, description="Pour un boulanger")[0]

    found = Search(understand(Criteria(words="boulanger")))

    listed = [hit.offer.pk for hit in found.page().object_list]
    assert listed[-2:] == [other.pk, text.pk]
    assert len(listed) == 5
    exact = Search(Criteria(words="boulanger", rule="exacts", trades=("D1102",)))
    assert other.pk not in {hit.offer.pk for hit in exact.page().object_list}


EVERYDAY = [
    # A part of the word, and one stem of two words, are chance.
    ("aide-comptable", "M1203"),
    ("compta", "M1203"),
    # What offers themselves call so.
    ("magasinière", "N1103,N1110"),
]


@each_case(("text", "trades"), EVERYDAY)
def test_an_everyday_word_has_the_trades_that_staff_say(text, trades):
    make("Aide-soignant / Aide-soignante", "J1501")
    make("Commercial / Commerciale grands comptes", "D1402")
    make("Magasinier / Magasinière", "N1110")
    refresh_search()

    assert read(text)["rome"] == trades


def test_an_everyday_word_comes_last_in_titles_of_other_trades():
    [accountant] = make("Comptable", "M1203", 1)
    make("Commercial / Commerciale grands comptes", "D1402")
    refresh_search()

    found = Search(understand(Criteria(words="compta")))

    assert found.count == 4
    assert found.page().object_list[0].offer == accountant


def test_a_trade_with_live_offers_wins_among_those_of_one_name():
    """A common name never settles on a trade without offers."""
    Rome.objects.create(code="N9999", label="Plombier / Plombière")
    make("Plombier / Plombière", "F1603")
    refresh_search()

    assert read("plombier")["rome"] == "F1603"


def test_an_offer_without_a_code_is_found_by_the_trade_that_its_label_names(market):
    """Once learned, and when it is written after that; a vague name is no trade."""
    bare = {"rome_label": "", "appellation": ""}
    [early] = make("Pétrisseur", "", 1, **bare | {"rome_label": "Boulanger"})
    [vague] = make("Agent / Agente", "", 1, **bare)
    for code in ("K2204", "K2503", "N1103"):
        make("Agent / Agente", code)
    refresh_search()
    late = [
        make("Boulanger / Boulangère (H/F)", "", 1, **bare)[0],
        make("Faiseur", "", 1, **bare | {"appellation": "Boulangère"})[0],
    ]

    codes = dict(OfferSearch.objects.values_list("pk", "rome_code"))
    assert {codes[one.pk] for one in [early, *late]} == {"D1102"}
    assert codes[vague.pk] == ""
    found = Search(Criteria(trades=("D1102",)))
    assert {hit.offer.pk for hit in found.page().object_list} >= {early.pk, late[0].pk}
    # Learned first, written after: an event keeps the trade.
    with writing_offers():
        type(early).objects.filter(pk=early.pk).update(description="Autre texte")
    assert OfferSearch.objects.get(pk=early.pk).rome_code == "D1102"
    # The mirror itself stays as it came.
    early.refresh_from_db()
    assert early.rome_code == ""


def test_the_page_says_what_was_understood_and_each_part_goes(market, as_adviser):
    """U1: the line, the link to the words as typed, the rule that is kept."""
    response = as_adviser.get("/offres/", {"q": "boulanger vannes cdi", "avant": ""})
    screen = as_adviser.get(response["Location"]).context["screen"]

    assert [chip.label.replace("\xa0", " ") for chip in screen.chips] == [
        "Boulanger / Boulangère (D1102)",
        "Vannes (56) à 50 km",
        "CDI",
    ]
    page = as_adviser.get(response["Location"]).content.decode()
    assert "Compris\xa0:" in page
    assert "chercher ces mots tels quels" in page
    # Without the trade, the words stay, and are not read again.
    bare = as_adviser.get(screen.chips[0].url).context["screen"]
    assert (bare.criteria.words, bare.criteria.trades) == ("boulanger", ())
    exact = as_adviser.get(screen.exact_url)
    assert exact["Location"] == "/offres/?q=boulanger+vannes+cdi&mots=exacts"
    assert "Compris" not in as_adviser.get(exact["Location"]).content.decode()


def test_nothing_understood_shows_no_line(as_adviser):
    OfferFactory()

    assert "Compris" not in as_adviser.get("/offres/?q=zzyzx").content.decode()


@each_case(
    ("text", "sentence"),
    [
        ("boulanger " * 1_000, "offre"),
        ("je cherche un emploi", "ne nomme ni métier, ni lieu"),
        ("Vannes", "Vannes (56) à 50\xa0km"),
        ("vanes", "a été cherché au lieu de"),
        ("Vannes ou Lorient", "Plusieurs lieux sont nommés"),
        ("serveur Lyon Villeurbanne", "Plusieurs lieux sont nommés"),
        ("boulanger à Trifouillis-les-Oies", "Aucun lieu ne s’appelle"),
        ("cdi cdd", "CDD<span"),
        ("cdi cdd temps plein mi-temps", "Compris"),
        ("plonbier", "a été cherché au lieu de"),
        ("zzyzx qwerty", "zzyzx qwerty"),
        ("بائع خبز", "aucun mot qui puisse être cherché"),
        ("bou\x07lan\x1bger", "offre"),
        ("''; -- %s \\", "offre"),
        ("<script>alert(1)</script>", "offre"),
    ],
)
def test_whatever_is_typed_has_an_answer_a_sentence_and_stays_in_the_box(
    market, as_adviser, text, sentence
):
    """From the form and from an address; sent again as shown, nothing changes."""
    as_adviser.get("/offres/?lieu=")
    kept = " ".join(UNPRINTABLE.sub(" ", text).split())[:200].strip()
    for more in ({}, {"avant": ""}):
        response = as_adviser.get("/offres/", {"q": text, **more}, follow=True)
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert re.search(r'data-count="\d+"', response.content.decode())
        screen = response.context["screen"]
        assert screen.job == kept
        form = dict(screen.kept) | dict(screen.criteria.chosen)
        form |= {"q": kept, "avant": kept, "ou": screen.boxes["ou"]}
        form |= {"rayon": str(screen.criteria.radius)}
        again = as_adviser.get("/offres/", form, follow=True)
        assert again.context["screen"].criteria == screen.criteria


def test_a_nul_that_no_keyboard_has_is_refused_with_a_sentence(as_adviser):
    response = as_adviser.get("/offres/", {"q": "boulanger\x00 vannes", "avant": ""})

    assert response.status_code == 400
    assert "adresse" in response.text


def test_what_is_learned_is_rewritten_by_command(capsys):
    make("Boulanger / Boulangère", "D1102")

    call_command("refresh_search")

    assert "noms de métier appris" in capsys.readouterr().out
    assert JobName.objects.filter(key="boulang", rome_code="D1102").exists()


def test_words_that_found_nothing_are_seen_after_three_accounts(client):
    """Only keyed hashes before, no account ever; the guard decides."""
    for number in range(3):
        assert not MissedWord.objects.exists()
        sign_in(client, AdviserFactory())
        client.get("/offres/", {"q": "Zzyzxeur"})
        client.get("/offres/", {"q": "zzyzxeur"})
        client.get("/offres/", {"q": "06 39 98 12 34"})
        if number < 2:
            assert Miss.objects.count() == 2 * (number + 1)

    assert [word.words for word in MissedWord.objects.all()] == ["zzyzxeur"]

    past = timezone.localdate() - dt.timedelta(days=31)
    MissedWord.objects.update(on=past)
    Miss.objects.update(on=past)
    write_words_of_offers()
    assert not MissedWord.objects.exists()
    assert not Miss.objects.exists()


def test_a_preselected_offer_teaches_no_contact():
    """S22."""
    make("Boulanger chez Zzpatron", "D1102", preselection=True, contacts=["Zzpatron"])
    refresh_search()

    assert not JobName.objects.filter(key__contains="zzpatron").exists()


def test_the_everyday_words_are_many_and_their_trades_exist():
    words = EverydayWord.objects.all()

    assert len(words) >= 300
    codes = {code for each in words for code in each.trades}
    assert codes <= set(Rome.objects.values_list("code", flat=True))
