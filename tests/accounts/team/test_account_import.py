"""A list of accounts, from a spreadsheet: each line answered for itself (art. 4.2)."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.team.account_import import ACCOUNTS
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.uploads.csv_import import MAX_ROWS, Unreadable
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
)
from tests.cases import each_case
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

SECRET = re.compile(r"\b(?:[A-Z0-9]{5}-){3}[A-Z0-9]{5}\b")
TITLES = "Nom;Prénom;Courriel;Fonction;Téléphone"


def rgc_with(quota: int):
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=quota)
    return RgcFactory(structure=structure)


def send(client, text: str | bytes, name: str = "comptes.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile(name, data, "text/csv")
    return client.post(reverse("account_import"), {"file": file})


def rows_of(response) -> list[tuple[int, bool, tuple[str, ...]]]:
    return [
        (one.row.line, one.account is not None, one.reasons)
        for one in response.context["rows"]
    ]


def emails_of(rgc) -> set[str]:
    people = User.objects.administered_by(rgc)
    return set(people.values_list("email", flat=True))


def test_every_good_line_opens_an_account_and_bad_ones_say_why(client):
    """The bad rows never lose the rest; each reason is a sentence in French."""
    rgc = rgc_with(quota=3)
    known = AdviserFactory(
        structure=rgc.structure, suspended=True, email="lea.brun@x.example"
    )
    AdviserFactory(email="ailleurs@x.example")
    sign_in(client, rgc)
    lines = [
        TITLES,
        "Durand;Zoé;zoe.durand@x.example;Conseillère;04 65 71 00 02",
        "Accueil;Service;accueil@x.example;;",
        "Brun;Léa;Lea.Brun@x.example;;",
        "Ailleurs;Paul;ailleurs@x.example;;",
        ";Jean;jean@x.example;;",
        "",
        "Noir;Max;max.noir@x.example;;au bureau",
        "Roux;Samir;samir.roux@x.example;;",
        "Durand;Zoé;zoe.durand@x.example;;",
        "Trop;De;trop.de@x.example;;;;cellules",
        "Blanc;Ines;ines.blanc@x.example;;",
        "Vert;Luc;luc.vert@x.example;;",
    ]

    response = send(client, "\r\n".join(lines))

    taken = ("Un compte utilise déjà cette adresse de courriel.",)
    (zoe,) = User.objects.filter(email="zoe.durand@x.example")
    rows = rows_of(response)
    assert [(line, is_open) for line, is_open, _ in rows] == [
        (2, True),
        (3, False),
        (4, False),
        (5, False),
        (6, False),
        (8, False),
        (9, True),
        (10, False),
        (11, False),
        (12, True),
        (13, False),
    ]
    reasons = {line: reason for line, is_open, reason in rows if not is_open}
    assert "boîte partagée" in reasons[3][0]
    assert reasons[4] == (f"Cette personne a déjà un compte : {known.identifier}.",)
    assert reasons[5] == taken
    assert reasons[6] == ("Remplissez «\N{NO-BREAK SPACE}Nom\N{NO-BREAK SPACE}».",)
    assert "Téléphone : " in reasons[8][0]
    assert reasons[10] == (f"Cette personne a déjà un compte : {zoe.identifier}.",)
    assert "plus de cellules que de titres" in reasons[11][0]
    assert "Les 3 comptes de la convention sont utilisés" in reasons[13][0]
    assert User.objects.counted().filter(structure=rgc.structure).count() == 3
    assert "3 comptes créés, 8 lignes refusées" in response.text


def test_the_slips_of_all_are_on_that_answer_and_nowhere_else(client):
    """S9: one sheet each, shown once."""
    rgc = rgc_with(quota=5)
    sign_in(client, rgc)
    text = f"{TITLES}\nDurand;Zoé;zoe@x.example;;\nRoux;Samir;samir@x.example;;\n"

    response = send(client, text)

    secrets = SECRET.findall(response.text)
    people = list(User.objects.administered_by(rgc).order_by("pk"))
    assert response.text.count('class="opus-slip"') == 2
    assert len(secrets) == len(set(secrets)) == 2
    for person, secret in zip(people, secrets, strict=True):
        assert person.state == UserState.CREATED
        assert person.first_accesses.get().matches(secret)
    kept = str([session.get_decoded() for session in Session.objects.all()])
    journal = str(list(AuditEntry.objects.values()))
    for page in ["account_import", "accounts"]:
        assert not SECRET.search(client.get(reverse(page)).text)
    for secret in secrets:
        assert secret not in kept + journal


def test_the_journal_tells_numbers_and_no_name(client):
    """S37."""
    rgc = rgc_with(quota=1)
    sign_in(client, rgc)

    send(client, f"{TITLES}\nDurand;Zoé;zoe@x.example;;\nRoux;Sam;sam@x.example;;\n")

    entry = AuditEntry.objects.get()
    account = User.objects.get(last_name="Durand")
    opened = {"action": "account_opened", "target": f"accounts.user {account.pk}"}
    assert (entry.action, entry.details) == (
        "accounts_imported",
        {"rows": 2, "opened": 1, "parts": [opened]},
    )


def test_what_a_cell_holds_is_shown_as_text(client):
    """S29."""
    rgc = rgc_with(quota=5)
    sign_in(client, rgc)

    response = send(client, f'{TITLES}\n"<script>alert(1)</script>";=1+1;x;;\n')

    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text


@pytest.mark.parametrize("full", [True, False])
def test_a_full_structure_is_told_the_way_out_at_once(client, full):
    """U14."""
    rgc = rgc_with(quota=1)
    if full:
        AdviserFactory(structure=rgc.structure)
    sign_in(client, rgc)

    page = client.get(reverse("account_import")).text

    assert ("Suspendez ou fermez un compte" in page) is full
    assert ('type="file"' in page) is not full


def test_the_model_is_read_as_it_is_given(client):
    rgc = rgc_with(quota=5)
    sign_in(client, rgc)

    model = client.get(reverse("account_import_model"))
    filled = model.content + "Durand;Zoé;zoe@x.example;;\r\n".encode()
    send(client, filled)

    assert model["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="comptes-opus.csv"' in model["Content-Disposition"]
    assert emails_of(rgc) == {"zoe@x.example"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Ce fichier est vide"),
        (b"PK\x03\x04\x00\x00", "pas un fichier CSV"),
        (b"\x81\x8d", "pas un fichier CSV"),
        (TITLES.encode(), "ligne des titres"),
        (b"Nom;Fonction\nDurand;x", "Il manque : « Prénom », « Courriel »"),
        (f"{TITLES};Nom\na;b;c;d;e;f".encode(), "« Nom » est là deux fois"),
        (b"x" * 1_000_001, "dépasse 1 Mo"),
        (
            "\n".join([TITLES, *["Durand;Zoé;z@x.example;;"] * 201]).encode(),
            "le maximum est de 200",
        ),
        (f'{TITLES}\n"{"x" * 200_000}";'.encode(), "ne se lit pas comme un tableau"),
    ],
)
def test_a_file_that_is_no_such_list_says_what_to_do(client, data, sentence):
    """A5."""
    rgc = rgc_with(quota=5)
    sign_in(client, rgc)

    response = send(client, data)

    assert response.status_code == 200
    assert sentence in response.context["form"].errors["file"][0]
    assert not User.objects.administered_by(rgc).exists()


def test_no_file_at_all_is_asked_for(client):
    sign_in(client, rgc_with(quota=5))

    response = client.post(reverse("account_import"), {"autre": "champ"})

    assert "Choisissez un fichier CSV" in response.text


def test_an_adviser_imports_nobody(as_adviser):
    assert send(as_adviser, f"{TITLES}\nDurand;Zoé;z@x.example;;").status_code == 403
    assert as_adviser.get(reverse("account_import_model")).status_code == 403


ROWS = "Durand;Zoé;zoe@x.example\nHœdic;Anaïs;anais@x.example"


@each_case("delimiter", [";", ",", "\t"])
@each_case("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@each_case("newline", ["\n", "\r\n"])
@each_case("before", ["", "sep=;\n"])
def test_it_is_read_however_the_spreadsheet_saves_it(
    delimiter, encoding, newline, before
):
    text = f"{before}Nom;PRENOM;Adresse e-mail\n{ROWS}\n"
    data = text.replace(";", delimiter).replace("\n", newline).encode(encoding)

    rows = ACCOUNTS.read(data)

    assert [row.values for row in rows] == [
        {"last_name": "Durand", "first_name": "Zoé", "email": "zoe@x.example"},
        {"last_name": "Hœdic", "first_name": "Anaïs", "email": "anais@x.example"},
    ]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_an_explained_no(data):
    try:
        rows = ACCOUNTS.read(data)
    except Unreadable as error:
        refusal = str(error)
    else:
        assert 0 < len(rows) <= MAX_ROWS
        return
    assert refusal.endswith(".") or "deux fois" in refusal


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20
        ).filter(str.strip),
        min_size=3,
        max_size=3,
    ),
    st.sampled_from([";", ","]),
)
def test_what_is_quoted_comes_back_whole(cells, delimiter):
    quoted = delimiter.join('"{}"'.format(cell.replace('"', '""')) for cell in cells)
    titles = delimiter.join(["Nom", "Prénom", "Courriel"])

    (row,) = ACCOUNTS.read(f"{titles}\n{quoted}\n".encode())

    assert list(row.values.values()) == [cell.strip() for cell in cells]
