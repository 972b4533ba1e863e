"""Everything that Opus prints, held to the same rules: A13, U4, S33, art. 9.

One sheet of each template, laid out by the function that the worker calls with the
stylesheets that it takes.
"""

import dataclasses
import html as markup
import io
import re
import subprocess
from pathlib import Path
from shutil import which
from types import SimpleNamespace

import pikepdf
import pytest
import segno
from django.utils import timezone

from accounts.agreements import documents as letters
from accounts.agreements.models.letters import LetterKind
from offers.catalogue.presenter import PUBLIC_SITE
from offers.page import documents as paper
from opus.lib.background_files import lay_out
from opus.lib.documents import pdf
from referrals.activity import pack
from referrals.activity.counts import Period, scope_of
from referrals.activity.tables import Activity
from referrals.documents import documents
from referrals.documents.actions import make_document
from tests.accounts.agreements.test_letters import prepare
from tests.accounts.factories import (
    BreachFactory,
    ConventionFactory,
    ModelTextFactory,
    RgcFactory,
)
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.test_documents import fonts_set, nodes
from tests.referrals.factories import AppointmentFactory, ReferralFactory
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db

ADDRESS = f"{PUBLIC_SITE}offres/recherche/detail/188VMCV"
ACTS = {
    "referral": ReferralFactory,
    "screened referral": ScreenedReferralFactory,
    "cv request": CvRequestFactory,
    "appointment": AppointmentFactory,
}
A4 = [0, 0, 595, 842]


@dataclasses.dataclass(frozen=True)
class Paper:
    """A body, and how it is printed."""

    html: str
    styles: list[Path]
    points: float = 11
    pages: int | None = 1

    def printed(self):
        laid_out = lay_out(SimpleNamespace(html=self.html), "Essai", *self.styles)
        return pdf.write(laid_out)


def act_of(kind, **changes):
    """An act of that kind; where no kind is asked for, its offer is of its own."""
    act = ACTS[kind]()
    wanted = {"details": act.offer.details | {"origineOffre": {"urlOrigine": ADDRESS}}}
    act.offer = OfferFactory(
        **{
            "preselection": act.offer.preselection,
            "delegated": act.offer.delegated,
            **wanted,
            **changes,
        }
    )
    return act


def paper_of(name):
    """What is printed under that name."""
    sheet = [paper.PAPER_STYLE]
    if name in ACTS:
        return Paper(documents.body_of(act_of(name)), sheet, points=9)
    if name == "offer":
        offer = OfferFactory(details={"origineOffre": {"urlOrigine": ADDRESS}})
        return Paper(paper.information_body_of(offer), sheet, points=9)
    if name == "large print":
        body = documents.body_of(act_of("referral"))
        return Paper(body, [*sheet, paper.STYLES / "large.css"], points=16, pages=2)
    if name.startswith("plain "):
        body = documents.plain_body_of(act_of(name.removeprefix("plain ")))
        return Paper(body, [*sheet, paper.STYLES / "easy.css"], points=12)
    if name == "void":
        document = make_document(ReferralFactory())
        return Paper(documents.void_body_of(document, timezone.now()), sheet)
    if name == "activity":
        scope = scope_of(RgcFactory(), "structure")
        page = pack.page_of(Activity(scope, Period.usual()))
        body = re.search(r"<body>(.*)</body>", page, re.DOTALL)[1]
        return Paper(body, [pack.STYLE], points=9, pages=None)
    if name == "agreement":
        body = letters.agreement_body(ConventionFactory(), ModelTextFactory())
        return Paper(body, [letters.AGREEMENT_STYLE], points=9, pages=None)
    letter = prepare(**LETTERS[name]())
    return Paper(letter.html, [letters.LETTER_STYLE])


def breach_letter():
    breach = BreachFactory()
    return {
        "kind": LetterKind.BREACH,
        "convention": breach.convention,
        "breach": breach,
    }


LETTERS = {"letter": dict, "letter of a breach": breach_letter}
NAMES = [
    *ACTS,
    "offer",
    "large print",
    *(f"plain {kind}" for kind in ACTS),
    "void",
    "activity",
    "agreement",
    *LETTERS,
]


@pytest.fixture(params=NAMES)
def one(request):
    return paper_of(request.param)


@pytest.mark.at_each_run(4)
def test_it_is_a_tagged_titled_a4_in_french_without_colour(one):
    """A13, U4: all that can be seen is tagged or set aside, in an order of reading."""
    file = pikepdf.open(io.BytesIO(one.printed()))
    root = file.Root

    assert str(root.Lang) == "fr"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == "Essai"
        assert metadata["pdfuaid:part"] == "1"
    assert one.pages in {None, len(file.pages)}
    for page in file.pages:
        assert [round(float(side)) for side in page.mediabox] == A4
        assert str(page.Tabs) == "/S"
        assert untagged(page) == []
        assert colours(page) == []
        assert min(float(ops[1]) * scale for ops, scale in fonts_set(page)) >= (
            one.points - 0.01
        )


@pytest.mark.at_each_run(4)
def test_its_tables_have_headings_its_figures_words_and_its_titles_an_order(one):
    """A13."""
    file = pikepdf.open(io.BytesIO(one.printed()))
    tree = list(nodes(file.Root.StructTreeRoot))
    kinds = [str(node.S).lstrip("/") for node in tree if "/S" in node]

    figures = [node for node in tree if node.get("/S") == "/Figure"]
    assert all(str(figure.get("/Alt", "")).strip() for figure in figures)
    assert kinds.count("Figure") == len(re.findall("<svg", one.html))
    headings = [node for node in tree if node.get("/S") == "/TH"]
    assert bool(headings) == ("Table" in kinds)
    # The printer ties each cell to its headings by their number (``Headers``).
    assert all("/ID" in node for node in headings)
    levels = [int(kind[1]) for kind in kinds if re.fullmatch(r"H[1-6]", kind)]
    assert levels == [int(level) for level in re.findall(r"<h([1-6])", one.html)]
    assert levels[:1] == [1]
    assert all(
        after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)
    )


@pytest.mark.at_each_run(4)
@pytest.mark.skipif(not which("pdftotext"), reason="needs poppler-utils")
def test_it_reads_in_the_order_of_its_html(one):
    """A13: what is copied or read aloud says the same, in the same order."""
    told = subprocess.run(
        ["pdftotext", "-raw", "-", "-"],
        input=one.printed(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    # What a figure draws is told by its words.
    text = re.sub(r"<svg.*?</svg>", " ", one.html, flags=re.DOTALL)
    text = markup.unescape(re.sub(r"<[^>]+>", " ", text))
    if "<svg" in one.html and "opus-plot" in one.html:
        pytest.skip("plots write words of their own into the page")
    assert without_marks(told) == without_marks(text)


def without_marks(text):
    """Letters alone: numbers and dots of lists, and of pages, are drawn."""
    drawn = r"(?m)^\s*(?:\d\.|[•◦▪])\s|^\d+ / \d+$"
    return "".join(re.sub(drawn, "", text).split())


def untagged(page):
    """Operators that draw outside a tagged part and outside what is set aside."""
    found, depth = [], 0
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        if name in {"BDC", "BMC"}:
            depth += 1
        elif name == "EMC":
            depth -= 1
        elif name in {"Tj", "TJ", "'", '"', "Do", "f", "f*", "S", "s", "B", "sh"}:
            found += [] if depth else [name]
    return found


def colours(page):
    """Colours that are no grey: a black and white printer would tell them badly."""
    found = []
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        values = [
            round(float(one), 2) for one in instruction.operands if is_number(one)
        ]
        if name in {"rg", "RG", "sc", "SC", "scn", "SCN"} and len(set(values)) > 1:
            found.append(values)
        if name in {"k", "K"} and any(values[:3]):
            found.append(values)
    return found


def is_number(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


# --- The code to scan (art. 9, S33) --------------------------------------------------


def drawn(address):
    """The line of the code of an address, as the page has it."""
    code = segno.make(address, error="m", micro=False)
    picture = code.svg_inline(scale=2, border=0, omitsize=True)
    return re.search(r' d="([^"]+)"', picture)[1]


@pytest.mark.parametrize("kind", ACTS)
def test_the_code_leads_to_france_travails_page_of_an_offer_to_answer_oneself(kind):
    """2.7: the page of a preselected offer has a button to apply."""
    direct = documents.body_of(act_of(kind, preselection=False, delegated=False))
    preselected = documents.body_of(act_of(kind, preselection=True))

    assert direct.count("<svg") == 1
    assert drawn(ADDRESS) in direct
    assert "<svg" not in preselected
    assert "candidat.francetravail.fr" not in preselected


@each_case("kind", ACTS)
@each_case(
    "changes",
    [
        {"published": False},
        {"details": {}},
        *(
            {"details": {"origineOffre": {"urlOrigine": address}}}
            for address in [
                "https://offres.example/188VMCV",
                "https://candidat.francetravail.fr.example/188VMCV",
                "https://candidat.francetravail.fr@offres.example/188VMCV",
                "http://candidat.francetravail.fr/188VMCV",
                "javascript://candidat.francetravail.fr/%0aalert(1)",
            ]
        ),
    ],
    at_each_run=2,
)
def test_without_a_page_of_france_travails_there_is_no_code(kind, changes):
    """An offer that is not published has no page that the person could open: an address
    of Opus would ask her to sign in. The number and the adviser's telephone are there.
    """
    act = act_of(kind, **changes)
    act.adviser.phone = "04 65 71 00 01"

    body = documents.body_of(act)

    assert "<svg" not in body
    assert "://" not in body
    assert act.offer.reference in body
    assert "04 65 71 00 01" in body


def test_an_information_sheet_of_an_unpublished_offer_has_no_code_either():
    details = {"origineOffre": {"urlOrigine": ADDRESS}}

    shown = paper.information_body_of(OfferFactory(details=details))
    hidden = paper.information_body_of(OfferFactory(details=details, published=False))

    assert drawn(ADDRESS) in shown
    assert "<svg" not in hidden
