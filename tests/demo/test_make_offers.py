"""Invented offers: as many as asked, always the same, and never real."""

import datetime as dt
import json
import re
from collections import Counter
from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command

from demo.synthetic import NUMBERS, make_offers, number_of
from demo.synthetic.domains import domain_of, domains
from demo.synthetic.market import read_trades
from offers.payload.offer import read_offer
from offers.reference.places import french_gazetteer
from opus.lib.french_regions import departments

TODAY = dt.date(2026, 11, 24)
FICTION = re.compile(
    r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98)( \d\d){2}"
)


@pytest.fixture(scope="module")
def offers():
    return list(make_offers(6_000, seed=3, today=TODAY))


def printed(*arguments):
    out = StringIO()
    call_command("make_offers", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_so_many_lines_of_json():
    lines = printed("1001", "--seed", "3", "--today", "2026-11-24")

    assert [json.loads(line) for line in lines] == list(
        make_offers(1_001, seed=3, today=TODAY)
    )


def test_no_offer_is_no_line():
    assert printed("0") == []


@pytest.mark.parametrize("count", ["-1", "1.5", "mille", str(NUMBERS + 1)])
def test_a_count_that_is_none_is_refused(count):
    with pytest.raises(CommandError, match="nombre"):
        printed("--", count)


def test_the_same_seed_gives_the_same_offers_and_another_seed_others(offers):
    again = list(make_offers(100, seed=3, today=TODAY))
    others = list(make_offers(6_000, seed=4, today=TODAY))

    assert again == offers[:100]
    assert not {one["id"] for one in others} & {one["id"] for one in offers}


def test_a_million_offers_begin_at_once():
    assert len(list(islice(make_offers(1_000_000, today=TODAY), 3))) == 3


def test_numbers_look_real_and_are_used_once():
    numbers = {number_of(index) for index in range(200_000)}

    assert len(numbers) == 200_000
    assert all(re.fullmatch(r"[1-9]\d\d[A-Z]{4}", number) for number in numbers)


@pytest.mark.thorough
def test_dates_are_of_the_last_45_days(offers):
    contents = [read_offer(offer) for offer in offers]
    end = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)

    assert min(one.created_at for one in contents) >= end - dt.timedelta(
        days=45, hours=1
    )
    assert max(one.updated_at for one in contents) < end
    assert all(one.created_at <= one.updated_at for one in contents)


@pytest.mark.thorough
def test_the_mix_is_that_of_the_market(offers):
    contents = [read_offer(offer) for offer in offers]
    count = len(contents)

    def share(question) -> float:
        return sum(map(question, contents)) / count

    assert share(lambda one: not one.mode.preselection) == pytest.approx(0.70, abs=0.03)
    assert share(lambda one: one.mode.delegated) == pytest.approx(0.18, abs=0.03)
    assert share(lambda one: not one.mode.published) == pytest.approx(0.08, abs=0.02)
    assert share(lambda one: one.full_time is False) == pytest.approx(0.20, abs=0.03)
    assert {one.place.department for one in contents} >= {
        code for code in departments() if len(code) == 2 or code < "975"
    }
    assert len({one.rome_code for one in contents}) > 900
    assert {one.rome_code[0] for one in contents} == set("ABCDEFGHIJKLMN")
    assert {one.nature for one in contents} >= {"E1", "E2", "FS", "I1", "NS", "FT"}
    assert {one.contract for one in contents} >= {"CDI", "CDD", "MIS", "SAI", "LIB"}
    assert {one.experience for one in contents} == set("DSE")


@pytest.mark.thorough
def test_the_faults_of_real_offers_are_among_them(offers):
    contents = [read_offer(offer) for offer in offers]
    sources = Counter(one.place.source.value for one in contents)

    assert set(sources) == {"fourni", "inverse", "commune", "aucun"}
    assert any("<br />" in offer["description"] for offer in offers)
    assert any("dateActualisation" not in offer for offer in offers)
    assert any("accessibleTH" not in offer for offer in offers)
    assert not any("<br />" in one.description for one in contents)
    given = {
        offer["lieuTravail"]["commune"]
        for offer in offers
        if "commune" in offer["lieuTravail"]
    }
    assert any(french_gazetteer().commune(code).code != code for code in given)


def test_contacts_lead_nowhere(offers):
    contacts = [offer["contact"] for offer in offers]

    assert all(
        FICTION.fullmatch(contact["telephone"])
        for contact in contacts
        if "telephone" in contact
    )
    assert all(
        contact["courriel"].endswith(".example")
        for contact in contacts
        if "courriel" in contact
    )


def test_an_invented_offer_never_bears_a_real_ones_number():
    """Real numbers begin with 0, 1 or 2 today; the demonstration meets real files."""
    numbers = [number_of(index) for index in range(5_000)]

    assert {number[0] for number in numbers} <= set("6789")
    assert len(set(numbers)) == len(numbers)


# --- Texts that an adviser believes --------------------------------------------------


def test_each_family_speaks_for_trades_of_rome():
    codes = [trade.code for trade in read_trades()[0]]

    spoken_for = {domain_of(code).settings for code in codes}
    idle = {
        beginning
        for beginning in domains()
        if not any(code.startswith(beginning) for code in codes)
    }

    assert idle == set()
    assert spoken_for == {domain.settings for domain in domains().values()}


@pytest.mark.thorough
def test_what_one_filters_by_is_said_as_often_as_real_offers_say_it(offers):
    """In hundredths, so wide that only a lost field fails: benches need them all."""
    contents = [read_offer(offer) for offer in offers[:2_000]]

    def share(column, *values):
        told = [getattr(content, column) for content in contents]
        found = sum(one in values if values else one is not None for one in told)
        return round(100 * found / len(told))

    assert share("skills") == share("from_partner") == 100
    assert 35 <= share("from_partner", True) <= 55
    assert 10 <= share("training") <= 45
    assert 40 <= share("is_cadre") <= 60
    assert 2 <= share("is_cadre", True) <= 15
    assert 40 <= share("sector", "") <= 50
    assert 10 <= share("permits") <= 40
    assert 40 <= share("pay_most") <= 65
    assert 1 <= share("adapted", True) <= 4
    assert 2 <= share("handi_engaged", True) <= 9
    assert 30 <= share("contract_months") <= 70
    skills = {code for content in contents for code in content.skills}
    labels = {s["libelle"] for offer in offers[:2_000] for s in offer["competences"]}
    assert len(skills) == len(labels)
