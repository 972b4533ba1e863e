"""The pictures of docs/documents.md: what Opus prints, with invented persons.

``OPUS_PICTURES=yes bin/test tests/browser/test_pictures.py`` makes them again.
"""

import datetime as dt
import io
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from PIL import Image

from accounts.agreements import documents as letters
from offers.page import documents as paper
from opus.lib.background_files import lay_out
from opus.lib.documents import pdf
from referrals.activity import pack
from referrals.activity.counts import Period, scope_of
from referrals.activity.tables import Activity
from referrals.documents import documents as papers
from referrals.documents.actions import make_document
from referrals.documents.models import piles_of
from tests.accounts.agreements.test_letters import prepare
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    ConventionFactory,
    ModelTextFactory,
    RgcFactory,
    StructureFactory,
)
from tests.browser.people import sign_in
from tests.browser.test_rgc import open_account
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.activity_rows import make_some
from tests.referrals.documents.test_every_document import ACTS, NAMES, breach_letter
from tests.referrals.documents.test_gallery import USUAL, WEB
from tests.referrals.factories import CandidateFactory

FOLDER = Path(settings.BASE_DIR) / "docs/images/documents"
# Each picture, and what stands on it from left to right.
SHEETS = {
    "acts": [*ACTS],
    "easy": [f"plain {kind}" for kind in ACTS],
    "large": ["large print", "list", "void"],
    "others": ["offer", "letter", "letter of a breach", "slip"],
    "reviews": ["activity", "agreement"],
}
PAGES = 4
MOST_BYTES = 250_000
WIDTH, GAP = 424, 8
DAY = dt.datetime(2026, 11, 30, 9, 10, tzinfo=timezone.get_default_timezone())


def test_every_document_has_a_picture_and_its_line_in_the_docs():
    page = (FOLDER.parents[1] / "documents.md").read_text(encoding="utf-8")
    shown = [name for names in SHEETS.values() for name in names]

    assert sorted(shown) == sorted([*NAMES, "list", "slip"])
    assert re.findall(r"^\| `([\w ]+)` \|", page, re.MULTILINE) == shown
    assert re.findall(r"images/documents/(\w+)\.webp", page) == [*SHEETS]
    files = sorted(FOLDER.iterdir())
    assert [file.stem for file in files] == sorted(SHEETS)
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES


@pytest.mark.plants_defects
@pytest.mark.skipif(not os.environ.get("OPUS_PICTURES"), reason="makes pictures")
def test_the_pictures_are_made_again(visitor):
    with time_machine.travel(DAY, tick=False):
        claire = people()
        printed = {
            name: content_of(name, claire) for name in [*NAMES, "list", *SHEETS["acts"]]
        }
    printed["slip"] = slip_of(visitor)
    for name, documents in SHEETS.items():
        pages = [page for one in documents for page in pages_of(printed[one])]
        save(name, pages[:PAGES])


def people() -> Any:
    AgencyFactory(
        safir="38086", name="France Travail Villefontaine", phone="0465710020"
    )
    structure = StructureFactory(
        name="CCAS de L’Isle-d’Abeau", sender_name="Service emploi de L’Isle-d’Abeau"
    )
    return AdviserFactory(
        structure=structure,
        first_name="Claire",
        last_name="Petit",
        email="claire.petit@partenaire.example",
        phone="04 65 71 00 12",
    )


def act_of(kind: str, claire: Any) -> Any:
    person = claire.candidates.filter(last_name="Haddad").first()
    person = person or CandidateFactory(
        adviser=claire,
        first_name="Yanis",
        last_name="Haddad",
        address="2 place du Marché",
    )
    act = ACTS[kind](candidate=person)
    modes = {"preselection": act.offer.preselection, "delegated": act.offer.delegated}
    act.offer = OfferFactory(**USUAL | modes)
    if kind == "appointment":
        act.confirmed_at = timezone.now()
        act.where = "France Travail Villefontaine, 1 place de l’Emploi"
    return act


def content_of(name: str, claire: Any) -> bytes:
    sheet = [paper.PAPER_STYLE]
    easy, large = paper.STYLES / "easy.css", paper.STYLES / "large.css"
    match name.split():
        case ["plain", *kind]:
            act = act_of(" ".join(kind), claire)
            return content(papers.plain_body_of(act), *sheet, easy)
        case ["large", _]:
            body = papers.body_of(act_of("appointment", claire))
            return content(body, *sheet, large)
        case ["offer"]:
            body = paper.information_body_of(OfferFactory(**USUAL | {"details": WEB}))
            return content(body, *sheet)
        case ["void"]:
            document = make_document(act_of("referral", claire))
            document.void(at=timezone.now())
            body = papers.void_body_of(document, timezone.now())
            return content(body, *sheet)
        case ["list"]:
            acts = [act_of(kind, claire) for kind in ACTS]
            (pile,) = piles_of(make_document(act) for act in acts)
            return content(papers.list_body_of(pile), *sheet)
        case ["activity"]:
            return review_of(claire)
        case ["agreement"]:
            convention = ConventionFactory(parent_ends_on=dt.date(2029, 12, 31))
            body = letters.agreement_body(convention, ModelTextFactory())
            return content(body, letters.AGREEMENT_STYLE)
        case ["letter", *of]:
            letter = prepare(**breach_letter() if of else {})
            return content(letter.html, letters.LETTER_STYLE)
        case _:
            return content(papers.body_of(act_of(name, claire)), *sheet)


def review_of(claire: Any) -> bytes:
    rgc = RgcFactory(structure=claire.structure)
    people = CandidateFactory.create_batch(12, adviser=claire)
    make_some(7, people, OfferFactory.create_batch(8), number=90)
    scope = scope_of(rgc, "structure")
    page = pack.page_of(Activity(scope, Period.usual()))
    return pdf.print_pdf(page, pack.STYLE)[0]


def content(body: str, *styles: Path) -> bytes:
    return pdf.write(lay_out(SimpleNamespace(html=body), "Document", *styles))


def slip_of(visitor: Any) -> bytes:
    structure = StructureFactory(name="CCAS de L’Isle-d’Abeau")
    sign_in(visitor, RgcFactory(structure=structure))
    open_account(visitor)
    visitor.page.locator(".opus-slip").wait_for()
    content: bytes = visitor.page.pdf(prefer_css_page_size=True)
    return content


def pages_of(content: bytes) -> list[Image.Image]:
    made = ["pdftoppm", "-gray", "-png", "-r", "144", "-"]
    out = subprocess.run(made, input=content, capture_output=True, check=True).stdout
    mark = b"\x89PNG"
    pages = [Image.open(io.BytesIO(mark + page)) for page in out.split(mark)[1:]]
    return [page.resize((WIDTH, WIDTH * page.height // page.width)) for page in pages]


def save(name: str, pages: list[Image.Image]) -> None:
    width = len(pages) * (WIDTH + GAP) + GAP
    sheet = Image.new("L", (width, pages[0].height + 2 * GAP), "darkgrey")
    for n, page in enumerate(pages):
        sheet.paste(page, (GAP + n * (WIDTH + GAP), GAP))
    FOLDER.mkdir(parents=True, exist_ok=True)
    few = sheet.quantize(8)
    few.save(FOLDER / f"{name}.webp", lossless=True, quality=100, method=6)
