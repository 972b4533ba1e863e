"""What a snapshot withdraws, and when it must not: the guard at its edges (R4)."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from offers.catalogue.models import Offer, OfferSearch
from offers.enums import OfferState
from offers.files.models import ImportRun, Quarantine
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.offers.helpers.files import figures, offer, run_import

pytestmark = pytest.mark.django_db

NAMES = [f"193FKB{letter}" for letter in "ABCDEFGHIJ"]


@pytest.fixture
def ten_offers(write_file):
    offers = [offer(name) for name in NAMES]
    run_import(write_file(offers))
    return offers


def absent() -> set[str]:
    return set(
        Offer.objects.filter(state=OfferState.ABSENT).values_list("pk", flat=True)
    )


def refuse(file: str, match: str, **options: float) -> None:
    with pytest.raises(CommandError, match=match):
        run_import(file, snapshot=True, **options)
    assert absent() == set()
    assert ImportRun.objects.first().withdrawn == 0


# --- Too much ------------------------------------------------------------------------


def test_a_fifth_is_withdrawn_and_one_more_is_not(write_file, ten_offers):
    """R4: the default of 20 % is the last share that passes."""
    suspended = OfferFactory(suspended=True)
    refuse(write_file(ten_offers[3:]), r"n’a pas 3 des 10 .*30,0\s%")

    found = run_import(write_file(ten_offers[2:]), snapshot=True)

    assert found == figures(read=8, unchanged=8, withdrawn=2)
    assert absent() == {"193FKBA", "193FKBB"}
    assert not OfferSearch.objects.filter(pk__in=absent()).exists()
    suspended.refresh_from_db()
    assert suspended.state == OfferState.SUSPENDED
    run = ImportRun.objects.first()
    assert (run.is_snapshot, run.withdrawn, bool(run.ended_at)) == (True, 2, True)


def test_a_plain_file_withdraws_nothing(write_file, ten_offers):
    run_import(write_file(ten_offers[:1]))

    assert Offer.objects.active().count() == 10


def test_a_refusal_says_what_came_in_and_with_what_words_to_go_on(
    write_file, ten_offers
):
    file = write_file([*ten_offers[7:], offer("193FKBZ")])

    refuse(
        file,
        r"7 des 10 offres actives \(70,0\s%\), plus que les 20\s% permis .* qu’elle "
        r"contient sont à jour\. .* s’il l’est,"
        r" relancez la commande avec --max-withdrawn 70\.",
    )
    found = run_import(file, snapshot=True, max_withdrawn=70)

    assert found == figures(read=4, unchanged=4, withdrawn=7)


def test_what_was_withdrawn_before_counts_neither_as_active_nor_as_missing(
    write_file, ten_offers
):
    for name in NAMES[:5]:
        withdraw(Offer.objects.get(pk=name), OfferState.FILLED)

    # One of the five that are left: 20 %.
    found = run_import(write_file(ten_offers[6:]), snapshot=True)

    assert found["withdrawn"] == 1
    assert absent() == {"193FKBF"}


def test_what_the_file_itself_brings_does_not_make_the_loss_look_smaller(
    write_file, ten_offers
):
    newcomers = [offer(f"194FKB{letter}") for letter in "ABCDEFGHIJ"]

    refuse(write_file([*ten_offers[3:], *newcomers]), r"n’a pas 3 des 10 .*30,0\s%")


@pytest.mark.parametrize("text", ["nan", "-1", "101", "beaucoup"])
def test_a_limit_that_is_no_percentage_is_refused(write_file, ten_offers, text):
    file = write_file(ten_offers[9:])

    with pytest.raises(CommandError, match="un pourcentage de 0 à 100"):
        call_command("import_offers", file, "--snapshot", f"--max-withdrawn={text}")

    assert absent() == set()


@pytest.mark.parametrize("text", ["0", "-5", "x"])
def test_a_batch_has_one_line_at_least(write_file, ten_offers, text):
    with pytest.raises(CommandError, match="un nombre d’au moins 1"):
        call_command("import_offers", write_file(ten_offers), f"--batch={text}")


# --- Files that are no truth ---------------------------------------------------------


@pytest.mark.parametrize("limit", [20, 100])
@pytest.mark.parametrize("lines", [[], ["", ""], ["pas du JSON"], ["[]", "{}"]])
def test_a_file_without_an_offer_withdraws_nothing_whatever_the_limit(
    write_file, ten_offers, lines, limit
):
    refuse(write_file(lines), "Aucune offre", max_withdrawn=limit)


@pytest.mark.parametrize("lost", [1, 8, 12, 100])
def test_an_archive_cut_short_withdraws_nothing_whatever_the_limit(
    write_file, ten_offers, lost
):
    path = Path(write_file(ten_offers, "image.jsonl.gz"))
    path.write_bytes(path.read_bytes()[:-lost])

    refuse(str(path), "Aucune offre retirée|Aucune offre n’a pu", max_withdrawn=100)


def test_one_file_of_several_that_is_missing_withdraws_nothing(
    write_file, ten_offers, tmp_path
):
    file = write_file(ten_offers[:9])

    with pytest.raises(CommandError, match="pas été lue jusqu’au bout"):
        run_import(file, str(tmp_path / "absent.jsonl"), snapshot=True)

    assert absent() == set()


def test_two_files_are_one_truth(write_file, ten_offers):
    halves = [
        write_file(ten_offers[:4], "a.jsonl"),
        write_file(ten_offers[4:9], "b.jsonl"),
    ]

    found = run_import(*halves, snapshot=True)

    assert found == figures(read=9, unchanged=9, withdrawn=1)
    assert absent() == {"193FKBJ"}


# --- Lines in quarantine -------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(offer("193FKBA"))[:-2],
        offer("193FKBA", intitule=""),
        offer("193FKBA", intitule="a\x00b"),
        b'{"id": "193FKBA", "x": "\xe9"}',
    ],
)
def test_an_offer_whose_line_is_in_quarantine_is_there(write_file, ten_offers, broken):
    found = run_import(write_file([broken, *ten_offers[1:]]), snapshot=True)

    assert found["withdrawn"] == 0
    assert Offer.objects.get(pk="193FKBA").is_active
    assert Quarantine.objects.get().reference == "193FKBA"


def test_lines_without_a_readable_number_are_told_as_possible_losses(
    write_file, ten_offers, capsys
):
    file = write_file(["n’importe quoi", *ten_offers[1:]])

    call_command("import_offers", file, "--snapshot")

    told = " ".join(capsys.readouterr().err.split())
    assert "où ne se lit aucun numéro d’offre : 1." in told
    assert absent() == {"193FKBA"}


def test_lines_without_a_number_are_nobodys_loss_where_the_file_is_no_snapshot(
    write_file, ten_offers, capsys
):
    call_command("import_offers", write_file(["n’importe quoi", *ten_offers]))

    assert "numéro d’offre" not in capsys.readouterr().err


# --- Batches -------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 3, 5, 100])
def test_withdrawals_are_the_same_whatever_the_batch(write_file, ten_offers, batch):
    file = write_file(ten_offers[5:])

    found = run_import(file, snapshot=True, max_withdrawn=50, batch=batch)

    assert found == figures(read=5, unchanged=5, withdrawn=5)
    assert absent() == set(NAMES[:5])
    steps = Offer.objects.get(pk="193FKBA").steps.order_by("pk")
    assert [step.target for step in steps] == ["active", "absente"]
