"""``import_offers``: whole files into the database, whatever state they come in."""

import datetime as dt
import gzip
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from demo.synthetic import make_offers
from offers.catalogue.models import Offer
from offers.enums import OfferState, PlaceSource
from offers.files.importer import (
    BATCH_LINES,
    MAX_LINE_BYTES,
    ImportUnderway,
    import_offers,
)
from offers.files.models import ImportRun, Quarantine
from offers.reference.models import Rome
from opus.lib import jobs
from tests.cases import each_case
from tests.offers.helpers.factories import withdraw
from tests.offers.helpers.files import (
    REAL_FILES,
    as_bytes,
    figures,
    offer,
    opus,
    run_import,
)
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 24)


def get(reference: str = "193FKBM") -> Offer:
    return Offer.objects.get(pk=reference)


def row_versions() -> list[Any]:
    """What PostgreSQL changes when it writes a row anew, for offers and search."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.reference, o.xmin, o.ctid, s.xmin, s.ctid FROM offers_offer o"
            " LEFT JOIN offers_offersearch s ON s.offer_id = o.reference ORDER BY 1"
        )
        return cursor.fetchall()


# --- Whole files ---------------------------------------------------------------------


@pytest.mark.thorough
def test_a_second_run_finds_everything_there_and_writes_nothing(write_file):
    count = BATCH_LINES + 50
    file = write_file(make_offers(count, seed=5, today=TODAY), "offres.jsonl.gz")

    first = run_import(file)
    versions = row_versions()
    second = run_import(file)

    placeless = Offer.objects.filter(place_source=PlaceSource.NONE).count()
    swapped = Offer.objects.filter(place_source=PlaceSource.SWAPPED).count()
    assert min(placeless, swapped) > 0
    common = {"read": count, "placeless": placeless, "swapped": swapped}
    assert first == figures(created=count, **common)
    assert second == figures(unchanged=count, **common)
    assert row_versions() == versions
    # Written by another program: other bytes, the same offers.
    with gzip.open(file, "rt") as packed:
        other = [dict(sorted(json.loads(line).items())) for line in packed]
    assert run_import(write_file(other)) == second
    assert row_versions() == versions
    assert Offer.objects.active().filter(search__isnull=False).count() == count


def test_the_progress_of_several_files_ends_at_100_percent(write_file, capfd):
    """Of all bytes: gzip, blank lines, a file twice, one that is not there."""
    one = write_file([*make_offers(30, seed=6), "", ""], "une.jsonl")
    two = write_file(make_offers(30, seed=7), "deux.jsonl.gz")

    call_command("import_offers", one, two, one, f"{one}.absent", stdout=StringIO())

    percents = re.findall(r"(\d+)%\|", capfd.readouterr().err)
    assert percents[-1] == "100"
    assert percents == sorted(percents, key=int)


@pytest.mark.thorough
@pytest.mark.skipif(
    not all(file.exists() for file in REAL_FILES), reason="no real offers here"
)
@pytest.mark.timeout(300)
def test_real_offers_come_in_whole():
    files = [str(file) for file in REAL_FILES]

    first = run_import(*files)
    versions = row_versions()
    second = run_import(*files)

    common = {"read": 15_167, "swapped": 92, "placeless": 739}
    assert first == figures(created=15_162, unchanged=5, **common)
    assert second == figures(unchanged=15_167, **common)
    assert row_versions() == versions
    assert Rome.objects.filter(pk="M1896").exists()


def test_every_column_of_an_offer_is_filled(write_file):
    whole = offer(
        description="<p>Murs &amp; dalles : rh@exemple.fr</p>",
        romeCode="F1703",
        romeLibelle="Maçon / Maçonne",
        appellationlibelle="Maçon / Maçonne",
        entreprise={"nom": "Bâti d’essai"},
        typeContrat="CDD",
        typeContratLibelle="CDD - 6 Mois",
        natureContrat="Contrat travail",
        experienceExige="E",
        experienceLibelle="2 An(s)",
        dureeTravailLibelle="37H30/semaine\nTravail en journée",
        salaire={"libelle": "Mensuel de 2058,00 Euros"},
        nombrePostes=3,
        accessibleTH=True,
        offresManqueCandidats=False,
        competences=[{"libelle": "Lire un plan"}],
        lieuTravail={
            "libelle": "38 - Grenoble",
            "commune": "38185",
            "codePostal": "38000",
            "latitude": 45.18,
            "longitude": 5.73,
        },
        opus=opus(
            publiee=False,
            delegationMiseEnRelation=True,
            agenceGestionnaire="38086",
            postesRestants=2,
        ),
    )

    run_import(write_file([whole]))

    stored = Offer.objects.values().get()
    del stored["state_at"], stored["imported_at"], stored["content_hash"]
    assert {name: value for name, value in stored.items() if value is not None} == {
        "reference": "193FKBM",
        "state": "active",
        "title": "Maçon / Maçonne (H/F)",
        "description": "Murs & dalles : rh@exemple.fr",
        "created_at": dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC),
        "updated_at": dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC),
        "rome_code": "F1703",
        "rome_label": "Maçon / Maçonne",
        "appellation": "Maçon / Maçonne",
        "company": "Bâti d’essai",
        "contract": "CDD",
        "contract_label": "CDD - 6 mois",
        "nature": "E1",
        "nature_label": "Contrat travail",
        "experience": "E",
        "experience_label": "2 An(s)",
        "hours_label": "37H30/semaine Travail en journée",
        "weekly_hours": 37.5,
        "full_time": True,
        "salary_label": "Mensuel de 2058,00 Euros",
        "posts": 3,
        "accessible_th": True,
        "few_candidates": False,
        "pay_least": 2058,
        "pay_most": 2058,
        "contract_months": 6,
        "sector": "",
        "place_label": "38 - Grenoble",
        "commune_code": "38185",
        "postcode": "38000",
        "department": "38",
        "region": "84",
        "latitude": 45.18,
        "longitude": 5.73,
        "place_source": "fourni",
        "published": False,
        "preselection": True,
        "delegated": True,
        "mode_declared": True,
        "agency_safir": "38086",
        "posts_left": 2,
        "posts_left_at": dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC),
        "mode_at": dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC),
        "details": {
            "entreprise": {"nom": "Bâti d’essai"},
            "competences": [{"libelle": "Lire un plan"}],
            "salaire": {
                "libelle": "Mensuel de 2058,00 Euros",
                "minimum": "2058.00",
                "maximum": "2058.00",
                "periode": "M",
            },
            "dureeTravailLibelle": "37H30/semaine\nTravail en journée",
            "dureeContratMois": "6",
        },
        "skills_text": "Lire un plan",
        "contacts": ["rh@exemple.fr"],
    }


# --- Precedence ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "title", "count"),
    [
        (3, "Nouveau titre", figures(read=1, updated=1)),
        (2, "Maçon / Maçonne (H/F)", figures(read=1, unchanged=1)),
        (1, "Maçon / Maçonne (H/F)", figures(read=1, unchanged=1)),
    ],
)
def test_only_a_later_content_replaces_one(write_file, day, title, count):
    run_import(write_file([offer(day=2)]))

    found = run_import(write_file([offer(day=day, intitule="Nouveau titre")]))

    assert found == count
    assert get().title == title


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
@pytest.mark.parametrize("apart", [True, False])
def test_of_one_offer_in_several_places_the_newest_wins(write_file, order, apart):
    lines = [offer(day=day, intitule=f"Titre du {day}") for day in order]
    files = (
        [write_file([line], f"{n}.jsonl") for n, line in enumerate(lines)]
        if apart
        else [write_file(lines)]
    )

    found = run_import(*files)

    assert get().title == "Titre du 3"
    later = sum(order[n] == max(order[: n + 1]) for n in (1, 2))
    assert found == figures(read=3, created=1, updated=later, unchanged=2 - later)


@pytest.mark.parametrize(
    "state", [OfferState.SUSPENDED, OfferState.CANCELLED, OfferState.FILLED]
)
def test_a_file_never_lifts_a_state_that_an_event_set(write_file, state):
    run_import(write_file([offer()]))
    withdraw(get(), state)

    run_import(write_file([offer(day=9, intitule="Nouveau titre")]))

    assert (get().state, get().title) == (state, "Nouveau titre")
    assert not hasattr(get(), "search")


def test_what_a_snapshot_missed_comes_back_with_the_next_file(write_file):
    file = write_file([offer()])
    run_import(file)
    withdraw(get(), OfferState.ABSENT)

    found = run_import(file)

    assert found == figures(read=1, updated=1)
    assert get().is_active
    assert get().search
    steps = get().steps.order_by("pk").values_list("origin", "target")
    assert list(steps) == [("", "active"), ("active", "absente"), ("absente", "active")]


def test_content_without_an_opus_object_leaves_the_mode_that_was_declared(write_file):
    run_import(write_file([offer(opus=opus(agenceGestionnaire="38086"))]))

    run_import(write_file([offer(day=9, intitule="Nouveau titre")]))

    assert get().title == "Nouveau titre"
    assert (get().preselection, get().mode_declared) == (True, True)
    assert get().agency_safir == "38086"


def test_an_inferred_mode_follows_the_content(write_file):
    agency = {"nom": "Agence France Travail GRENOBLE"}
    run_import(write_file([offer()]))
    before = get().preselection

    run_import(write_file([offer(day=9, contact=agency)]))

    assert (before, get().preselection, get().mode_declared) == (False, True, False)


@pytest.mark.parametrize(("day", "preselection"), [(1, False), (2, True), (3, True)])
def test_the_opus_object_of_the_newest_file_holds(write_file, day, preselection):
    run_import(write_file([offer(opus=opus(preselection=False))]))

    run_import(write_file([offer(day=day, opus=opus(preselection=True))]))

    assert get().preselection is preselection
    if preselection:
        assert get().search.mode == "preselection"


def test_a_mode_may_change_there_and_back_under_one_date(write_file):
    files = [
        write_file([offer(opus=opus(preselection=value))], f"{n}.jsonl")
        for n, value in enumerate([True, False, True])
    ]

    seen = []
    for file in files:
        run_import(file)
        seen.append(get().preselection)

    assert seen == [True, False, True]


def test_a_first_opus_object_counts_even_with_older_content(write_file):
    run_import(write_file([offer(day=5)]))

    found = run_import(write_file([offer(day=4, opus=opus(publiee=False))]))

    assert found == figures(read=1, updated=1)
    assert (get().published, get().mode_declared) == (False, True)
    assert get().updated_at.day == 5


# --- Damaged files -------------------------------------------------------------------


@each_case(
    ("line", "reason", "reference"),
    [
        ("pas du JSON", "JSON illisible au caractère 1.", ""),
        ('{"id": "193FKBX", "intitule": ', "JSON illisible au caractère", "193FKBX"),
        ("[1, 2]", "Un objet JSON est attendu.", ""),
        ("[" * 100_000, "Objet JSON trop profond.", ""),
        (b'{"id": "193FKBX", "x": "\xe9"}', "Texte illisible (UTF-8)", "193FKBX"),
        (b"\x00\x00\x00", "JSON illisible", ""),
        ('{"id": "193FKBX", "nombrePostes": NaN}', "NaN", "193FKBX"),
        ('{"id": "193FKBX", "nombrePostes": -Infinity}', "Infinity", "193FKBX"),
        ('{"nombrePostes": ' + "9" * 5_000 + "}", "JSON illisible", ""),
        (offer("193FKBX", intitule="a\x00b"), "Caractère nul", "193FKBX"),
        (offer("193FKBX", intitule="\ud800"), "Caractère Unicode", "193FKBX"),
        (offer("193FKBX", intitule=None), "« intitule » manque.", "193FKBX"),
        ('{"id": "' + "x" * MAX_LINE_BYTES + '"}', "Ligne de plus de 1 Mo.", ""),
    ],
)  # fmt: skip
def test_a_bad_line_goes_to_quarantine_and_costs_no_other(
    write_file, line, reason, reference
):
    file = write_file([offer("193FKBA"), "", line, offer("193FKBB")])

    found = run_import(file)

    assert found == figures(read=3, created=2, rejected=1)
    reject = Quarantine.objects.get()
    assert (reject.file, reject.line, reject.reference) == (file[-200:], 3, reference)
    assert reason in reject.reason
    assert reject.run.rejected == 1
    assert 0 < len(reject.raw) <= 20_000


@pytest.mark.parametrize("keep", [0.3, pytest.param(0.9, marks=pytest.mark.thorough)])
def test_a_truncated_archive_gives_what_it_has(write_file, keep):
    lines = make_offers(400, today=TODAY)
    path = Path(write_file(lines, "offres.jsonl.gz"))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])

    found = run_import(str(path))

    assert 0 < found["created"] < 400
    assert found["rejected"] == 1
    assert "interrompu" in Quarantine.objects.get().reason


def test_a_spoiled_archive_does_not_hide_the_next_file(write_file):
    path = Path(write_file(make_offers(50, today=TODAY), "abimee.jsonl.gz"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = b"\xff" * (len(data) - len(data) // 2)
    path.write_bytes(data)

    run_import(str(path), write_file([offer()]))

    assert get().is_active


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_fault(write_file):
    file = write_file(
        [b"\xef\xbb\xbf" + as_bytes(offer("193FKBA")) + b"\r", offer("193FKBB")]
    )

    assert run_import(file) == figures(read=2, created=2)


def test_gzip_is_told_by_its_bytes_and_not_by_its_name(write_file):
    path = Path(write_file([offer()], "offres.jsonl.gz"))
    path = path.rename(path.with_name("offres.jsonl"))

    assert run_import(str(path)) == figures(read=1, created=1)


def test_a_value_that_the_database_refuses_costs_its_offer_only(
    write_file, monkeypatch
):
    # The day a column is shorter than what the reader lets through.
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE offers_offer ALTER title TYPE varchar(60)")
    names = [f"193FKB{letter}" for letter in "ABCDE"]
    lines = [offer(name) for name in names]
    lines[2]["intitule"] = "x" * 61

    found = run_import(write_file(lines))

    assert found == figures(read=5, created=4, rejected=1)
    reject = Quarantine.objects.get()
    assert (reject.line, reject.reference) == (3, "193FKBC")
    assert reject.reason.startswith("Refusée par la base")


def test_a_missing_file_is_told_and_the_others_are_read(write_file, tmp_path):
    err = StringIO()
    missing = str(tmp_path / "absent.jsonl")

    call_command(
        "import_offers", missing, write_file([offer()]), stdout=StringIO(), stderr=err
    )

    assert missing in err.getvalue()
    assert get().is_active


# --- Breakdowns ----------------------------------------------------------------------


class KilledError(BaseException):
    """Stands for the end of the process, which no handler survives."""


@pytest.mark.django_db(transaction=True)
def test_killed_between_two_batches_a_second_run_does_the_rest(write_file):
    lines = list(make_offers(BATCH_LINES + 10, seed=5, today=TODAY))
    file = write_file(lines)

    def die(name: str, position: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        import_offers([file], on_progress=die)
    halfway = Offer.objects.filter(search__isnull=False).count()
    found = run_import(file)

    assert halfway == BATCH_LINES
    assert (found["created"], found["unchanged"]) == (10, BATCH_LINES)
    assert [run.ended_at is None for run in ImportRun.objects.all()] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_first_load_merges_words_by_larger_lots_than_a_later_one(write_file):
    """Searches read what waits: nothing does once a first load has ended."""
    seen = []

    def load(seed: int) -> None:
        import_offers([write_file(make_offers(4, seed=seed, today=TODAY))])

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(SAY_HOW_MUCH_WAITS)
    connection.connection.add_notice_handler(
        lambda notice: seen.append(notice.message_primary)
    )
    try:
        load(5)
        load(6)
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION say_how_much_waits CASCADE")

    assert [each for each in seen if each in {"16MB", "512kB"}] == ["16MB", "512kB"]
    assert select_value("SHOW gin_pending_list_limit") == "512kB"


SAY_HOW_MUCH_WAITS = """
CREATE FUNCTION say_how_much_waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE NOTICE '%', current_setting('gin_pending_list_limit');
    RETURN NULL;
END $$;
CREATE TRIGGER say_how_much_waits AFTER INSERT ON offers_offer
    FOR EACH STATEMENT EXECUTE FUNCTION say_how_much_waits()
"""


def select_value(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_second_import_at_the_same_time_is_refused(write_file):
    file = write_file([offer()])
    refused: list[bool] = []

    def start_another(name: str, position: int) -> None:
        with pytest.raises(ImportUnderway):
            import_offers([file])
        with jobs.lock("import-offers") as is_ours:
            refused.append(not is_ours)

    import_offers([file], on_progress=start_another)
    with jobs.lock("import-offers") as is_ours:
        refused.append(not is_ours)

    assert refused == [True, False]


def test_an_import_leaves_no_leave_to_write_behind(write_file):
    with transaction.atomic():
        run_import(write_file([offer()]))

        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('opus.sync', true)")
            assert cursor.fetchone() == ("off",)


def test_three_lines_of_one_offer_keep_the_latest_mode(write_file):
    """A later content without a mode does not make an older mode the latest."""
    lines = [
        offer(day=1, opus=opus(postesRestants=0)),
        offer(day=22),
        offer(day=18, opus=opus(postesRestants=9)),
    ]

    import_offers([write_file(lines)])

    assert (get().updated_at.day, get().posts_left) == (22, 9)
