"""``import_agencies``: France Travail's network out of a CSV file."""

import inspect
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, ManagementUtility, call_command

from accounts.structures import agency_import
from accounts.structures.agency_import import (
    COLUMN_OF_FIELD,
    AgenciesReport,
    import_agencies,
)
from accounts.structures.models import Agency
from tests.cases import each_case

pytestmark = pytest.mark.django_db

HEADER = "code_safir,nom,adresse,code_postal,ville,code_departement,latitude,longitude"
GRENOBLE = "38086,France Travail - GRENOBLE,1 rue d’Essai,38000,GRENOBLE,38,45.18,5.73"


def load(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> AgenciesReport:
    path = tmp_path / "agences.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return import_agencies(path)


def test_an_agency_is_created_with_its_department_and_region(tmp_path):
    report = load(tmp_path, HEADER, GRENOBLE)

    assert (report.created, report.updated, report.unchanged) == (1, 0, 0)
    assert Agency.objects.values().get() == {
        "version": 1,
        "safir": "38086",
        "aurore": "",
        "kind": "agence",
        "parent_id": None,
        "name": "France Travail - GRENOBLE",
        "address": "1 rue d’Essai",
        "postcode": "38000",
        "city": "GRENOBLE",
        "department": "38",
        "region": "84",
        "latitude": 45.18,
        "longitude": 5.73,
        "phone": "",
    }


def test_a_telephone_is_read_kept_without_its_column_and_refused_if_odd(tmp_path):
    header = "code_safir,nom,telephone"
    load(tmp_path, header, "38086,Grenoble,0465710001")
    load(tmp_path, HEADER, GRENOBLE)
    assert Agency.objects.get().phone == "04 65 71 00 01"

    report = load(tmp_path, header, "38086,Grenoble,bonjour", "38087,Voiron,3949")

    assert (report.rejected, Agency.objects.get(safir="38087").phone) == (1, "3949")
    load(tmp_path, header, "38086,Grenoble,")
    assert Agency.objects.get(safir="38086").phone == ""


def test_a_second_import_changes_what_changed_only(tmp_path):
    other = "38087,France Travail - VOIRON,,38500,VOIRON,38,,"
    load(tmp_path, HEADER, GRENOBLE, other)

    report = load(tmp_path, HEADER, GRENOBLE.replace("GRENOBLE", "CHAVANT"), other)

    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    assert Agency.objects.get(pk="38086").name == "France Travail - CHAVANT"


def test_what_a_file_lacks_stays(tmp_path):
    load(tmp_path, HEADER, GRENOBLE)

    load(tmp_path, HEADER, "38087,France Travail - VOIRON,,38500,VOIRON,38,,")

    assert Agency.objects.count() == 2


@each_case(
    ("row", "reason"),
    [
        ("3808,X,,,,,,", "Un code SAFIR compte 5 chiffres"),
        (",X,,,,,,", "Un code SAFIR"),
        ("38087,,,,,,,", "nom : absent."),
        (f"38087,{'x' * 121},,,,,,", "nom : plus de 120 caractères."),
        ("38087,X,,3850,,,,", "Un code postal compte 5 chiffres, par exemple 38000."),
        ("38087,X,,,,00,,", "code_departement : 00 n’existe pas."),
        ("38087,X,,,Mâcon alcoolique,,,", "Ce texte semble évoquer"),
        ("38087,X,,,,38,nord,", "latitude : nord n’est pas un nombre."),
        ("38087,X,,,,38,nan,", "latitude : nan n’est pas un nombre."),
        ("38087,X,,,,38,95.0,5.0", "latitude : 95.0 est hors du globe."),
        ("38087,X\x00,,,,,,", "nom : caractère illisible."),
        ("38087", "nom : absent."),
        ("38086,Encore,,,,,,", "code_safir : 38086 est déjà en ligne 2."),
    ],
)
def test_a_bad_row_is_reported_and_costs_no_other(tmp_path, row, reason):
    last = "38088,France Travail - VIENNE,,38200,VIENNE,38,,"

    report = load(tmp_path, HEADER, GRENOBLE, row, last)

    assert (report.created, report.rejected) == (2, 1)
    [(line, told)] = report.troubles
    assert line == 3
    assert reason in told


def test_a_file_in_another_encoding_costs_its_accents_only(tmp_path):
    plain = "38088,France Travail - VIENNE,,38200,VIENNE,38,,"

    report = load(tmp_path, HEADER, "38087,Aubagné,,,,,,", plain, encoding="iso-8859-1")

    assert (report.created, report.rejected) == (1, 1)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_and_a_byte_order_mark_do_not_matter(tmp_path, separator):
    lines = [line.replace(",", separator) for line in (HEADER, GRENOBLE)]

    report = load(tmp_path, *lines, encoding="utf-8-sig")

    assert report.created == 1


def test_without_a_department_the_postcode_tells_it(tmp_path):
    load(tmp_path, "code_safir,nom,code_postal", "97411,France Travail,97400")

    assert Agency.objects.values_list("department", "region").get() == ("974", "04")


def network() -> dict[str, tuple[Any, ...]]:
    return {
        agency.safir: (agency.kind, agency.parent_id) for agency in Agency.objects.all()
    }


def test_levels_and_parents_come_in_any_order(tmp_path):
    report = load(
        tmp_path,
        "code_safir,nom,type,safir_parent",
        "38086,Grenoble,agence,38000",
        "38000,Isère,dt,69000",
        "69000,Auvergne-Rhône-Alpes,DR,",
    )

    assert report.troubles == []
    assert network() == {
        "38086": ("agence", "38000"),
        "38000": ("dt", "69000"),
        "69000": ("dr", None),
    }


def test_a_file_without_levels_leaves_those_that_are_known(tmp_path):
    load(
        tmp_path,
        "code_safir,nom,type,safir_parent",
        "38086,Grenoble,agence,38000",
        "38000,Isère,dt,",
    )

    load(tmp_path, "code_safir,nom", "38000,Isère et Drôme", "38086,Grenoble")

    assert network() == {"38086": ("agence", "38000"), "38000": ("dt", None)}


@pytest.mark.parametrize("parent", ["99999", "38086"])
def test_an_unknown_parent_is_told_and_left_out(tmp_path, parent):
    report = load(tmp_path, "code_safir,nom,safir_parent", f"38086,Grenoble,{parent}")

    assert report.rejected == 0
    assert report.troubles == [
        (2, f"safir_parent : {parent} est inconnu, rattachement laissé vide.")
    ]
    assert network() == {"38086": ("agence", None)}


def test_an_unknown_level_is_refused(tmp_path):
    report = load(tmp_path, "code_safir,nom,type", "38086,Grenoble,bureau")

    assert report.troubles == [
        (2, "type : bureau n’est pas agence, dt, dr ou national.")
    ]


def test_the_command_prints_figures_and_troubles(tmp_path):
    path = tmp_path / "agences.csv"
    path.write_text(f"{HEADER}\n{GRENOBLE}\n3,X,,,,,,\n")
    out, err = StringIO(), StringIO()

    call_command("import_agencies", str(path), stdout=out, stderr=err)

    printed = {line.split()[0]: line.split()[1] for line in out.getvalue().splitlines()}
    assert printed == {
        "created": "1",
        "updated": "0",
        "unchanged": "0",
        "rejected": "1",
    }
    assert "ligne 3" in err.getvalue()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", HEADER, f"{HEADER}\n3,X,,,,,,"])
def test_a_file_without_any_agency_is_an_error(tmp_path, text):
    path = tmp_path / "agences.csv"
    path.write_text(text)

    with pytest.raises(CommandError):
        call_command("import_agencies", str(path), stdout=StringIO(), stderr=StringIO())


def test_its_help_and_the_first_day_name_every_column_and_the_source(capsys):
    source = inspect.getsource(agency_import)
    read = {"code_safir", *COLUMN_OF_FIELD.values()}
    read |= set(re.findall(r"row(?:\.get\(|\[)\"(\w+)\"", source))
    read |= {"latitude", "longitude"}

    with pytest.raises(SystemExit, match="0"):
        ManagementUtility(["manage.py", "import_agencies", "--help"]).execute()

    told = capsys.readouterr().out
    assert set(re.findall(r"^  ([a-z_]+) {2,}", told, re.MULTILINE)) - {"file"} == read
    page = (settings.BASE_DIR / "docs/operations/first-day.md").read_text()
    section = page.split("## The agencies\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == read
    assert all("Référentiel des agences" in text for text in (told, section))
