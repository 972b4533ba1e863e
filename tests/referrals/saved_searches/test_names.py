"""Every label of the reference data, wherever a gesture makes a name of it."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from django.utils.html import escape

from accounts.exports.models import Export
from offers.reference.models import Appellation, Commune, Rome, label_key
from offers.search.criteria import ALL_FILTERS, Criteria
from offers.search.exports import request_export
from opus.lib.documents.spreadsheets import Format
from opus.lib.french import plain
from referrals.direct.models import Referral
from referrals.documents import documents
from referrals.saved_searches.actions import save_search_for
from referrals.saved_searches.matching import propose_name, put_in_words
from referrals.saved_searches.models import LONGEST_NAME, SavedSearch
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db
LONG_TRADE = "lieu=38193&rayon=20&rome=H2102"


def learn_appellations():
    """Learn each trade's label and its halves, as offers teach Opus appellations."""
    names = {
        plain(part): part.strip()
        for label in Rome.objects.values_list("label", flat=True)
        for part in (label, *label.split(" / "))
    }
    rows = [
        Appellation(key=label_key(name), label=label, plain=name)
        for name, label in names.items()
    ]
    Appellation.objects.bulk_create(rows, ignore_conflicts=True)
    return [one.code for one in Appellation.objects.all()]


def searches():
    """One search for each trade, appellation, commune and choice of a filter."""
    for code in Rome.objects.values_list("code", flat=True):
        yield Criteria(trades=(code,))
        yield Criteria(trades=(code,), places=("38193",), radius=20)
    for name in learn_appellations():
        yield Criteria(appellations=(name,))
    for each in ALL_FILTERS:
        for option in each.options:
            yield Criteria(chosen={each.name: (option.value,)})


def unsound(names, longest):
    return [
        name
        for name in names
        if not any(map(str.isalnum, name))
        or len(name) > longest
        or name != name.strip()
    ]


def test_each_label_gives_a_search_its_name():
    asked = list(searches())
    assert len(asked) > 5_000

    assert unsound(map(propose_name, asked), LONGEST_NAME) == []


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_each_commune_gives_a_search_its_name():
    codes = Commune.objects.values_list("code", flat=True)
    assert len(codes) > 34_000

    names = (propose_name(Criteria(places=(code,), radius=100)) for code in codes)

    assert unsound(names, LONGEST_NAME) == []


def test_a_label_that_is_too_long_is_cut_between_two_words():
    name = propose_name(Criteria(trades=("H2102",)))

    label = Rome.objects.get(code="H2102").label
    assert len(label) > LONGEST_NAME
    assert name.endswith("…")
    assert label.startswith(f"{name[:-1]} ")


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_each_trade_is_saved_for_a_person(adviser):
    candidate = CandidateFactory(adviser=adviser)
    for code in Rome.objects.values_list("code", flat=True):
        saved = save_search_for(candidate, Criteria(trades=(code,)), by=adviser)

        assert saved.name, code
        saved.delete()


def test_each_trade_is_exported_under_a_title(adviser, settings):
    """The longest titles, in each format; ``--thorough`` walks every trade."""
    settings.DETECTION = replace(settings.DETECTION, exports_a_day=60)
    longest = sorted(Rome.objects.all(), key=lambda trade: len(trade.label))[-20:]

    for file_format in Format:
        for trade in longest:
            assert_exported(trade, file_format, by=adviser)


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_every_trade_is_exported_under_a_title(adviser, settings):
    trades = Rome.objects.all()
    settings.DETECTION = replace(settings.DETECTION, exports_a_day=len(trades))

    for trade in trades:
        assert_exported(trade, Format.CSV, by=adviser)


def assert_exported(trade, file_format, *, by):
    """Ask for a trade's offers; the list and the notes of the file name it whole."""
    asked = request_export(
        Criteria(trades=(trade.code,)), by=by, file_format=file_format
    )
    make_file(asked)
    export = Export.objects.get(pk=asked.pk)

    assert export.title == f"Offres, {trade.label}"
    assert export.is_ready, trade.code
    if file_format == Format.CSV:
        assert export.title in bytes(export.content).decode("utf-8-sig")


def test_each_trade_stands_in_the_letter_of_new_offers(adviser):
    codes = list(Rome.objects.values_list("code", flat=True))
    rows = [
        SavedSearch(account=adviser, name="-", query=urlencode({"rome": code}))
        for code in codes
    ]

    told = [", ".join(search.parts) for search in put_in_words(rows)]

    assert unsound(told, 200) == []
    assert len(told) == len(codes)


def test_each_trade_is_printed_on_a_paper_and_on_the_list_of_several(adviser):
    """The longest labels; ``--thorough`` walks every one."""
    labels = Rome.objects.values_list("label", flat=True)
    print_titles(adviser, sorted(labels, key=len)[-20:])


@pytest.mark.thorough
def test_every_trade_is_printed_on_a_paper_and_on_the_list_of_several(adviser):
    print_titles(adviser, Rome.objects.values_list("label", flat=True))


def print_titles(adviser, titles):
    """Make the paper and the line of an act whose offer has each title."""
    offer = OfferFactory()
    act = Referral(
        offer=offer,
        candidate=CandidateFactory(adviser=adviser),
        adviser=adviser,
        structure=adviser.structure,
        created_at=timezone.now(),
    )
    for title in titles:
        offer.title = title
        # A hyphen may be kept together with what follows it.
        word = escape(re.split(r"\W", title)[0])
        assert word in documents.body_of(act)
        assert word in documents.row_body_of(act)
