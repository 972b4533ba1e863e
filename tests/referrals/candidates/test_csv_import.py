"""A list of persons becomes candidates: a line each (domain row 29, V16, S24)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from opus.lib.audit.models import AuditEntry
from referrals.candidates.models import Candidate
from tests.accounts.factories import AdviserFactory
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db
TITLES = (
    "Nom;Prénom;Identifiant France Travail;Téléphone;Courriel;"
    "Adresse postale;Code postal;Commune"
)


def send(client, *lines, titles=TITLES, encoding="cp1252"):
    text = "\r\n".join([titles, *lines])
    file = SimpleUploadedFile("liste.csv", text.encode(encoding))
    return client.post(reverse("candidate_import"), {"file": file})


def text_of(response):
    return Page.of(response).one("main").words()


def test_every_good_line_adds_a_person_and_bad_ones_say_why(as_adviser, adviser):
    response = send(
        as_adviser,
        "Benali;Karim;12345678901;06 39 98 00 01;k@exemple.example;1 rue;38080;Isle",
        "Petit;Zoé;pas un numéro;;;;;",
        ";Sans-nom;;;;;;",
        "Trop;Long;;;;;;;;cellule de trop",
        "Garnier;Élodie;;;;;;",
    )

    assert "2 candidats ajoutés, 3 lignes refusées" in text_of(response)
    mine = Candidate.objects.visible_to(adviser)
    assert set(mine.values_list("first_name", flat=True)) == {"Karim", "Élodie"}
    reasons = [row.reasons for row in response.context["rows"]]
    assert reasons[0] == ()
    assert "Identifiant France Travail" in reasons[1][0]
    assert "Nom" in reasons[2][0]
    assert "plus de cellules" in reasons[3][0]


def test_the_same_file_again_adds_nobody(as_adviser, adviser):
    lines = ["Benali;Karim;12345678901;;;;;", "Petit;Zoé;;;;;;"]
    send(as_adviser, *lines)

    response = send(as_adviser, *lines)

    assert Candidate.objects.count() == 2
    assert "Aucun candidat n’a été ajouté, 2 lignes refusées" in text_of(response)
    assert "déjà un candidat de ce nom" in text_of(response)


def test_a_colleagues_person_is_named_to_nobody(as_adviser, adviser):
    """S24: whose she is, and nothing of her."""
    colleague = AdviserFactory(structure=adviser.structure, last_name="Collègue")
    CandidateFactory(adviser=colleague, ft_id="12345678901", last_name="Zzcanari")

    response = send(as_adviser, "Autre;Nom;12345678901;;;;;")

    assert "Collègue" in text_of(response)
    assert "Zzcanari" not in response.text
    assert not Candidate.objects.visible_to(adviser).exists()


def test_columns_that_opus_does_not_need_are_never_read(as_adviser, adviser):
    """V16: a birth date or a NIR in the file goes nowhere."""
    response = send(
        as_adviser,
        "Benali;Karim;01/02/1990;1900238000000",
        titles="Nom;Prénom;Date de naissance;NIR",
        encoding="utf-8",
    )

    assert "1 candidat ajouté" in text_of(response)
    kept = str(Candidate.objects.values().get())
    assert (
        "1990" not in kept.replace("created_at", "")[:0] + kept.split("created_at")[0]
    )
    assert "1900238000000" not in kept
    assert "1900238000000" not in response.text


def test_each_person_added_is_told_to_the_journal(as_adviser):
    """S37."""
    send(as_adviser, "Benali;Karim;;;;;;", "Petit;Zoé;;;;;;")

    entries = AuditEntry.objects.filter(action="candidate_added")
    assert entries.count() == 2
    assert all(len(entry.person_ids) == 1 for entry in entries)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Ce fichier est vide"),
        (b"Nom;Ville\r\nBenali;Lyon", "Il manque"),
        (b"\x00\x01PK", "n’est pas un fichier CSV"),
        (TITLES.encode(), "que la ligne des titres"),
    ],
)
def test_a_file_that_is_no_such_list_says_what_to_do(as_adviser, data, words):
    file = SimpleUploadedFile("liste.csv", data)

    response = as_adviser.post(reverse("candidate_import"), {"file": file})

    assert words in text_of(response)
    assert not Candidate.objects.exists()


def test_the_model_has_the_titles_that_are_read(as_adviser):
    text = as_adviser.get(reverse("candidate_import_model")).content.decode("utf-8-sig")

    assert text.strip() == TITLES
