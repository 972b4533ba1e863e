"""Every document, for offers as they come at their worst (U4, A13).

``OPUS_GALLERY=folder bin/test tests/referrals/documents/test_gallery.py --thorough``
leaves each PDF there, and its pages as pictures.
"""

import datetime as dt
import io
import os
import re
import subprocess
from pathlib import Path
from shutil import which
from types import SimpleNamespace

import pikepdf
import pytest
from django.utils import timezone

from accounts.agreements import documents as letters
from offers.catalogue.presenter import PUBLIC_SITE
from offers.page import documents as paper
from opus.lib.background_files import lay_out
from opus.lib.documents import pdf
from opus.lib.documents.pdf import POINT
from referrals.documents import documents
from referrals.documents.actions import make_document
from tests.accounts.agreements.test_letters import prepare
from tests.accounts.factories import AgencyFactory
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.test_documents import WORDY, nodes
from tests.referrals.documents.test_every_document import breach_letter
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db

GALLERY = os.environ.get("OPUS_GALLERY", "")
ACTS = {
    "mise-en-contact": ReferralFactory,
    "preselection": ScreenedReferralFactory,
    "demande-de-cv": CvRequestFactory,
    "convocation": AppointmentFactory,
}
LARGEST = 80_000  # bytes
OF_AGENCY = "04 65 71 00 01"
# What the window of a DL envelope may show, in millimetres from the top left.
WINDOW = (90.0, 34.0, 200.0, 90.0)
WEB = {
    "contact": {
        "urlPostulation": "https://www.recrutement.vauvillac.example/offre/7043318?src=ft"
    }
}
USUAL = {
    "title": "Serveur / Serveuse en restauration (H/F)",
    "appellation": "Serveur / Serveuse de restaurant",
    "rome_code": "G1803",
    "company": "Coopérative Auberge Folperche",
    "place_label": "38 - BOURGOIN JALLIEU",
    "commune_code": "38053",
    "salary_label": "Horaire de 12.60 Euros à 14.53 Euros sur 12 mois",
    "hours_label": "35H/semaine\nTravail les week-ends et jours fériés",
    "experience_label": "1 An(s)",
    "description": "Nous recherchons, pour un café avec terrasse au cœur de "
    "Bourgoin-Jallieu, une personne au poste de serveur ou serveuse.\nVos missions :"
    "\n- Mettre en place la salle et la terrasse ;\n- Accueillir les clients et "
    "prendre les commandes ;\n- Servir à table, débarrasser, encaisser ;\n- Préparer "
    "les boissons et les desserts simples.\nUne première expérience serait appréciée. "
    "Les horaires sont connus trois semaines à l’avance. Le poste est à pourvoir dès "
    "que possible.",
    "details": {
        "contact": {
            "nom": "Mme Nora Sauvignet",
            "telephone": "02 61 91 31 00",
            "courriel": "emploi@auberge-folperche.example",
        },
        "salaire": {"complement1": "Titres restaurant", "complement2": "Mutuelle"},
        "competences": [
            {"libelle": "Dresser une table"},
            {"libelle": "Prendre une commande"},
        ],
        "permis": [{"libelle": "B - Véhicule léger", "exigence": "S"}],
        "origineOffre": {"urlOrigine": f"{PUBLIC_SITE}offres/recherche/detail/697TRWM"},
    },
}
STARRED = {
    "description": "*** URGENT ***\nVos missions***"
    + "***".join(
        f"Conduire un engin de chantier n&deg; {n} sur la voirie" for n in range(40)
    )
}
OFFERS = {
    "usuelle": USUAL,
    "bavarde": WORDY,
    "un-mot": WORDY | {"description": "W" * 20_000},
    "liste": WORDY | {"description": "- un\n" * 2_000},
    "titre-large": WORDY | {"title": "WMWMWM " * 42},
    "pleine-chasse": {"description": "漢字かな交じり文 " * 600},
    "nue": {"description": "", "details": {}, "company": "", "salary_label": ""},
    "web": USUAL | {"details": WEB, "description": "Un. Deux trois. " * 300},
    "etoiles": USUAL | STARRED,
    "lettres": USUAL | {"title": "Łódź Çağrı œuvre (H/F)", "company": "Škoda Plzeň"},
}
FORMS = ("", "gros", "facile")


def act_of(kind, changes):
    act = ACTS[kind]()
    mode = {"preselection": act.offer.preselection, "delegated": act.offer.delegated}
    act.offer = OfferFactory(**mode | changes)
    act.adviser.phone = "04 65 71 00 12"
    AgencyFactory(safir=act.offer.agency_safir, name="Agence W" * 15, phone=OF_AGENCY)
    act.structure.sender_name = "Service emploi de L’Isle-d’Abeau"
    return act


def printed(html, *styles):
    laid_out = paper.print_sheet(SimpleNamespace(html=html), "Essai", *styles)
    return pdf.write(laid_out), len(laid_out.pages)


def keep(name, content):
    if not GALLERY:
        return
    folder = Path(GALLERY)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.pdf").write_bytes(content)
    if which("pdftoppm"):
        made = ["pdftoppm", "-r", "80", "-png", str(folder / f"{name}.pdf")]
        subprocess.run([*made, str(folder / name)], check=True)


@each_case(
    "kind,offer,form",
    [(kind, offer, form) for kind in ACTS for offer in OFFERS for form in FORMS],
    at_each_run=12,
)
def test_every_document_is_sound_whatever_the_offer(kind, offer, form, caplog):
    """U4, A13, art. 7: without the tighter setting."""
    caplog.clear()
    act = act_of(kind, OFFERS[offer])
    body = documents.plain_body_of(act) if form == "facile" else documents.body_of(act)
    styles = {"": [], "gros": ["large"], "facile": ["easy"]}[form]

    content, pages = printed(body, *styles)

    keep("-".join(filter(None, [kind, offer, form])), content)
    assert pages == 1 or form == "gros"
    assert "tighter" not in caplog.text
    assert len(content) <= LARGEST
    sound(content)
    if not form:
        assert in_window(content) == set(documents.people_of(act)["address"])
    if form == "gros":
        assert last_lines(content) > 2


@each_case("day", range(1, 8))
def test_a_document_is_not_set_tighter_whatever_the_day(day, caplog):
    """U4: « mardi 15 décembre » asks a line more than « mercredi 30 septembre »."""
    caplog.clear()
    act = act_of("preselection", WORDY)
    act.adviser.first_name, act.adviser.last_name = "Claire", "Essaidi"
    made_at = dt.datetime(2026, 12, day, 9, tzinfo=dt.UTC)

    _, pages = printed(documents.body_of(act, made_at=made_at))

    assert pages == 1
    assert "tighter" not in caplog.text


@each_case("where", ["Agence, 3 avenue Steve-Biko, premier étage, " * 3, "W" * 200])
def test_an_easy_sheet_of_many_words_is_one_page(where):
    """U4."""
    act = act_of("convocation", OFFERS["un-mot"])
    act.adviser.first_name = "Jean-Baptiste Emmanuel"
    act.adviser.last_name = "de La Rochefoucauld-Montbel"
    act.details.where = where
    body = documents.plain_body_of(act)

    content, pages = printed(body, "easy")

    keep(f"convocation-facile-longue-{where[:1]}", content)
    assert pages == 1
    assert "Appelez Jean-Baptiste Emmanuel…</p>" in body


@each_case("offer", OFFERS, at_each_run=3)
@each_case("trait", [{}, {"preselection": True}])
def test_every_information_sheet_is_one_page(offer, trait, caplog):
    """Annexe 1."""
    caplog.clear()
    body = paper.information_body_of(OfferFactory(**OFFERS[offer] | trait))

    content, pages = printed(body)

    keep(f"information-{offer}-{len(trait)}", content)
    assert pages == 1
    assert "tighter" not in caplog.text
    sound(content)


@each_case(
    "mode,where",
    [
        ("telephone", "06 39 98 00 01"),
        ("visio", "https://visio.example/" + "a" * 170),
        ("lieu", "France Travail Villefontaine, salle 3, " * 5),
    ],
)
def test_an_appointment_says_how_it_is_kept(mode, where):
    act = act_of("convocation", USUAL)
    act.details.mode, act.details.where = mode, where
    bodies = {"": documents.body_of(act), "facile": documents.plain_body_of(act)}

    for form, body in bodies.items():
        content, pages = printed(body, *(["easy"] if form else []))

        keep(f"convocation-{mode}{form and '-'}{form}", content)
        assert pages == 1
        sound(content)


@each_case("kind", ["mise-en-contact", "preselection"])
def test_a_void_document_is_one_page_with_a_number_to_call(kind):
    document = make_document(act_of(kind, USUAL))
    document.act.adviser.phone = "04 65 71 00 12"
    document.void(at=timezone.now())
    body = documents.void_body_of(document, timezone.now())

    content, pages = printed(body)

    keep(f"annule-{kind}", content)
    assert pages == 1
    assert "04 65 71 00 12" in body
    assert "Une nouvelle version le remplace." in body
    assert (OF_AGENCY in body) == (kind == "preselection")
    sound(content)


def test_a_pile_of_one_person_has_its_list_with_boxes():
    person = CandidateFactory()
    acts = [factory(candidate=person) for factory in ACTS.values()]
    for act, offer in zip(
        acts, ("usuelle", "bavarde", "etoiles", "lettres"), strict=True
    ):
        act.offer = OfferFactory(preselection=act.offer.preselection, **OFFERS[offer])
    body = documents.list_body_of([make_document(act) for act in acts])

    content, pages = printed(body)

    keep("liste", content)
    assert pages == 1
    assert body.count("box--big") == 4
    assert "Rendez-vous à confirmer" in body
    sound(content)
    assert in_window(content) == set(documents.people_of(acts[0])["address"])


@each_case("make", [dict, breach_letter])
def test_a_letter_has_nothing_but_its_address_in_the_window(make):
    letter = prepare(**make())
    laid_out = lay_out(letter, "Essai", letters.LETTER_STYLE)

    content = pdf.write(laid_out)

    keep(f"lettre-{letter.kind}", content)
    assert len(laid_out.pages) == 1
    sound(content)
    assert in_window(content) == set(letter.addressee)


def sound(content):
    """One A4 after another, tagged, in French, its figures with words."""
    file = pikepdf.open(io.BytesIO(content))
    assert str(file.Root.Lang) == "fr"
    assert bool(file.Root.MarkInfo.Marked)
    for page in file.pages:
        assert [round(float(side)) for side in page.mediabox] == [0, 0, 595, 842]
    for node in nodes(file.Root.StructTreeRoot):
        if node.get("/S") == "/Figure":
            assert str(node.get("/Alt", "")).strip()


def boxes_of(content):
    """(left, top, right, bottom, words) of each line of the first page, in mm."""
    page = subprocess.run(
        ["pdftotext", "-f", "1", "-l", "1", "-bbox-layout", "-", "-"],
        input=content,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for line in re.findall(r"<line.*?</line>", page, re.DOTALL):
        sides = [float(one) * POINT for one in re.findall(r'"([\d.]+)"', line)[:4]]
        words = " ".join(re.findall(r">([^<\s][^<]*)</word>", line))
        yield (*sides, words)


def in_window(content):
    left, top, right, bottom = WINDOW
    return {
        words
        for x0, y0, x1, y1, words in boxes_of(content)
        if x1 > left and x0 < right and y1 > top and y0 < bottom
    }


def last_lines(content):
    """How many lines stand on the last page."""
    file = pikepdf.open(io.BytesIO(content))
    last = pdf_text(content, len(file.pages))
    return len([line for line in last.splitlines() if line.strip()])


def pdf_text(content, page):
    return subprocess.run(
        ["pdftotext", "-f", str(page), "-l", str(page), "-", "-"],
        input=content,
        capture_output=True,
        check=True,
    ).stdout.decode()
