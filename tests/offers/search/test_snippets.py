"""The rows of a list: pay that compares, the searched words in the text."""

import re
from decimal import Decimal

import pytest

from offers.catalogue.formatting import comparable_pay, is_comparable, short_pay
from offers.search.page import BEFORE, CUT, IN_SIGHT, LONGEST_SNIPPET, Snippets
from offers.search.results import number_in
from tests.offers.helpers.factories import OfferFactory


@pytest.mark.parametrize(
    ("label", "week", "full_time", "month"),
    [
        ("Mensuel de 2050 Euros à 2300 Euros", "35", True, "2\u202f050 à 2\u202f300"),
        ("Mensuel de 2050 Euros", None, None, "2\u202f050"),
        ("Horaire de 12,02 Euros", "20", False, "1\u202f823"),
        ("Horaire de 12,02 Euros", None, False, "1\u202f823"),
        ("Annuel de 24000 Euros", "39", True, "1\u202f795"),
        ("Mensuel de 1000 Euros", "17.5", False, "2\u202f000"),
        # Stated for a full week, surely; for an unknown part of one.
        ("Mensuel de 2265 Euros", "10", False, ""),
        ("Mensuel de 1000 Euros", None, False, ""),
        ("Selon expérience", "35", True, ""),
    ],
)
def test_a_pay_compares_as_a_month_of_35_hours(label, week, full_time, month):
    hours = Decimal(week) if week else None

    shown = comparable_pay(label, hours, full_time)

    assert shown == (f"{month}\xa0€" if month else "")


def test_only_a_month_of_35_hours_is_said_as_stated():
    assert is_comparable("Mensuel de 2050 Euros", Decimal(35))
    assert not is_comparable("Mensuel de 2050 Euros", Decimal(39))
    assert not is_comparable("Horaire de 13 Euros", Decimal(35))
    assert short_pay("Horaire de 13 Euros à 13,50 Euros") == "13 à 13,50\xa0€/h"


def test_the_words_found_are_marked_whatever_their_accents_and_endings():
    text = f"{'Un texte. ' * 40}Nous formons des maçons, et des Maçonnes <b>."

    shown = Snippets("'macon':A & 'form'").of(text)

    assert shown.startswith(CUT)
    assert "<mark>maçons</mark>, et des <mark>Maçonnes</mark> &lt;b&gt;." in shown
    assert "<mark>formons</mark>" in shown
    assert len(shown) < LONGEST_SNIPPET + 6 * BEFORE


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_the_first_word_is_among_what_a_row_shows(at):
    text = f"{'Nous créons : un poste. ' * 9}"[:at] + " maçon à Vannes"

    shown = Snippets("'macon'").of(text)

    assert re.sub("<[^>]+>", "", shown).index("maçon") <= IN_SIGHT - len("maçon")
    assert not shown.removeprefix(CUT).startswith((":", "."))


@pytest.mark.parametrize("question", ["", "'licorn'"])
def test_a_text_without_the_words_begins_at_its_beginning(question):
    assert Snippets(question).of("Des murs\n et\u00a0plus.") == "Des murs et plus."


@pytest.mark.parametrize(
    "typed",
    [
        "188VMCV", " 188vmcv ", "188 VMCV", "n°188VMCV", "n° 188vmcv", "N° : 188VMCV",
        "offre 188VMCV", "Offre n° 188 VMCV", "numéro 188VMCV", "réf. 188VMCV",
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_number_opens_its_offer_however_it_is_written(as_adviser, typed):
    offer = OfferFactory(reference="188VMCV")

    found = as_adviser.get("/offres/", {"q": typed, "avant": ""})
    typed_in_header = as_adviser.get("/offres/numero/", {"numero": typed})

    assert found["Location"] == offer.get_absolute_url()
    assert typed_in_header["Location"] == offer.get_absolute_url()


@pytest.mark.parametrize("words", ["nounou", "novice", "offres de nuit", "référent"])
def test_words_that_begin_alike_are_no_number(words):
    assert not any(sign.isdigit() for sign in number_in(words))
    assert number_in("nounou 3") == "nounou3"
