"""A printed offer, cut to one page (U4, S31).

The templates escape all texts of offers. ``referrals`` adds the act; the information
sheet names nobody, so one serves all readers.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.catalogue.presenter import PUBLIC_SITE, OfferPresenter, distinct, place_of
from offers.page.models import OfferDocument
from opus.lib.background_files import FrozenDocument, Stopped, lay_out
from opus.lib.documents import pdf
from opus.lib.documents.pdf import POINT, fit, height_of, lines_of, width_of

# --- How to reach the employer: the first thing that a sheet says ---------------------

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.\w{2,}")
LINK = re.compile(r"https?://\S+")
PHONE = re.compile(r"0\d{9}")
# Longer, nobody types it: the site's name and the offer's number lead there too.
LONGEST_LINK = 60
VALUE_WIDTH = 160.0
VALUE_SIZE = 16.0
OTHER_WIDTH = 150.0
OTHER_SIZE = 11.5
BESIDE_WIDTH = 70.0
PERSON_SIZE = 13.0
LONGEST_NAME = 2
MOST_LINES = 4
LINES_EACH = 2


@dataclasses.dataclass(frozen=True)
class Reach:
    """The first way, and what the others need; ``way``: an icon's name."""

    way: str
    value: str = ""
    person: str = ""
    others: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False

    @property
    def is_known(self) -> bool:
        return self.way != "help" or bool(self.others)

    @property
    def is_number(self) -> bool:
        return self.way == "phone"

    @property
    def beside(self) -> list[tuple[str, str]]:
        """Return what stands on the right of a number, being short."""
        return [
            (label, text)
            for label, text in self.others
            if self.is_number
            and len(lines_of(text, BESIDE_WIDTH, OTHER_SIZE, bold=True)) <= LINES_EACH
        ]

    @property
    def below(self) -> list[tuple[str, str]]:
        return [one for one in self.others if one not in self.beside]


UNKNOWN = Reach("help")


def reach_of(offer: Offer) -> Reach:
    """Return the ways to apply, the quickest first; unknown if preselected (2.7)."""
    if not offer.shows_employer_contact:
        return UNKNOWN
    contact = {
        name: formatting.without_pictures(value) if isinstance(value, str) else value
        for name, value in (offer.details.get("contact") or {}).items()
    }
    boxes = [contact.get(f"coordonnees{n}") for n in (1, 2, 3)]
    written = [contact.get("courriel"), *boxes]
    links = [contact.get("urlPostulation"), *found_in(LINK, written)]
    emails = found_in(EMAIL, written)
    # What one types in a browser.
    web = re.sub(r"^https?://(?:www\.)?", "", next(filter(None, links), "")).rstrip("/")
    if len(web) > LONGEST_LINK:
        web = f"{web.partition('/')[0]}, offre n°\xa0{offer.pk}"
    # A box that sends to a link says no more than the link.
    address = ", ".join(
        formatting.plain(box) for box in boxes if box and not LINK.search(box)
    )
    address = "" if EMAIL.fullmatch(address) else address
    number = formatting.phone(contact.get("telephone") or "")
    is_number = bool(PHONE.fullmatch(number.replace(" ", "")))
    ways = [
        ("phone", "Téléphone", number if is_number else ""),
        ("mail", "Courriel", next(iter(emails), "")),
        ("web", "Sur internet", web),
        ("pin", "Adresse", address),
        ("phone", "Téléphone", "" if is_number else number),
        ("help", "Précisions", formatting.plain(contact.get("commentaire"))),
    ]
    ways = [way for way in ways if way[2]]
    first = ("help", "", "")
    for way, label, value in ways:
        if way != "help" and width_of(value, VALUE_SIZE, bold=True) <= VALUE_WIDTH:
            first = (way, label, value)
            break
    name, name_cut = fit(
        formatting.plain(contact.get("nom")),
        LONGEST_NAME,
        BESIDE_WIDTH,
        PERSON_SIZE,
        bold=True,
    )
    return reach_through(first, [way for way in ways if way != first], name, name_cut)


def reach_through(
    first: tuple[str, str, str],
    rest: list[tuple[str, str, str]],
    name: str,
    is_cut: bool,
) -> Reach:
    others: list[tuple[str, str]] = []
    left = MOST_LINES
    for _, label, text in rest:
        if not left:
            is_cut = True
            break
        most = min(left, LINES_EACH)
        line, was_cut = fit(f"{label}\xa0: {text}", most, OTHER_WIDTH, OTHER_SIZE)
        left -= len(lines_of(line, OTHER_WIDTH, OTHER_SIZE))
        is_cut |= was_cut
        # Half an address is useless: print none.
        if " " in text or not was_cut:
            others.append((label, line.partition("\xa0: ")[2]))
    if first[0] == "help" and not (others or name):
        return UNKNOWN
    return Reach(first[0], first[2], name, tuple(others), is_cut)


def found_in(pattern: re.Pattern[str], texts: Iterable[str | None]) -> list[str]:
    return [
        found[0].rstrip(".,;:)")
        for text in texts
        if text
        for found in pattern.finditer(text)
    ]


# --- Two columns of one height --------------------------------------------------------
# Lines are counted in the embedded font: the printer would need as long to balance two
# columns as for all the rest of a sheet.

# Millimetres and points of print/paper.css.
WIDTH, SIZE, LEADING = 82.5, 11.0, 1.25
ITEM_WIDTH = WIDTH - 3.6
LINE = SIZE * LEADING * POINT
GAP = 1.1
HEADING_HEIGHT = 12.5 * 1.25 * POINT + 2.6
HEADING, NOTE = "heading", "note"
# As templates/documents/advert.html writes it.
NOTE_BEGINS = "L’annonce est abrégée\xa0: "
# No page holds more letters.
MOST_LETTERS = 4_500
# The best cut is one of those nearest to the middle.
NEAREST = 4

Columns = list[list[formatting.Block]]


def columns_of(
    advert: Sequence[formatting.Unit],
    after: Sequence[formatting.Unit],
    note: formatting.Unit,
    room: float,
    *,
    is_cut: bool,
) -> tuple[Columns, bool]:
    """Return the advert, then ``after``, in columns no higher than ``room``.

    The advert gives way, and ``note`` says so; whether it was cut is returned too.
    """
    advert = shortened(advert)
    columns = balanced([*advert, *([note] if is_cut else []), *after])
    if height(columns) <= room:
        return columns, is_cut
    fewest, most = 0, len(advert)
    while fewest < most:
        middle = (fewest + most) // 2
        columns = balanced([*headed(advert[: middle + 1]), note, *after])
        if height(columns) <= room:
            fewest = middle + 1
        else:
            most = middle
    return balanced([*headed(advert[:fewest]), note, *after]), True


def shortened(advert: Sequence[formatting.Unit]) -> list[formatting.Unit]:
    lengths = itertools.accumulate(len(part) for _, _, part in advert)
    return [
        unit
        for unit, length in zip(advert, lengths, strict=True)
        if length - len(unit[2]) < MOST_LETTERS
    ]


def headed(units: Sequence[formatting.Unit]) -> list[formatting.Unit]:
    """Return the units that end well, without a heading above nothing."""
    ending = formatting.finished(list(units))
    return [] if ending and ending[-1][1] == HEADING else ending


def balanced(units: list[formatting.Unit]) -> Columns:
    """Return the units in two columns, neither much higher."""
    alone = (block_height(formatting.regrouped([unit])[0]) for unit in units)
    heights = [0.0, *itertools.accumulate(alone)]
    leads = {
        n + 1
        for n, (_, kind, _) in enumerate(units)
        if kind in {HEADING, formatting.TITLE}
    }
    cuts = [
        n for n in range(len(units) + 1) if n not in leads and not leaves_one(units, n)
    ]
    middle = heights[-1] / 2
    nearest = sorted(cuts, key=lambda n: abs(heights[n] - middle))[:NEAREST]
    found = [
        [formatting.regrouped(units[:n]), formatting.regrouped(units[n:])]
        for n in nearest
    ]
    return min(found, key=height)


def leaves_one(units: Sequence[formatting.Unit], n: int) -> bool:
    """Return whether a cut before ``units[n]`` parts one item from its list."""
    if not 0 < n < len(units) or units[n - 1][0] != units[n][0]:
        return False
    before, after = units[max(0, n - 2)][0], units[min(n + 1, len(units) - 1)][0]
    is_alone = before != units[n][0] or n == 1
    is_last = after != units[n][0] or n + 1 == len(units)
    return units[n][1] == formatting.LIST and (is_alone or is_last)


def height(columns: Columns) -> float:
    return max(sum(map(block_height, blocks)) for blocks in columns)


def block_height(block: formatting.Block) -> float:
    if block.kind == HEADING:
        return HEADING_HEIGHT
    width = ITEM_WIDTH if block.kind == formatting.LIST else WIDTH
    is_bold = block.kind in {formatting.TITLE, NOTE}
    before = NOTE_BEGINS if block.kind == NOTE else ""
    lines = sum(line_count(before + line, width, is_bold) for line in block.lines)
    return lines * LINE + GAP


# To find where the columns part, the same lines are measured again and again.
@lru_cache(maxsize=1_000)
def line_count(text: str, width: float, is_bold: bool) -> int:
    return len(lines_of(text, width, SIZE, bold=is_bold))


# --- The sheet ------------------------------------------------------------------------

STYLES = Path(__file__).parent / "print"
PAPER_STYLE = STYLES / "paper.css"
# The sheets that were frozen by 1.0.0 are printed as they were.
BEFORE = STYLES / "before"
BEGINS_BEFORE = '<article class="sheet'

# Millimetres and points of print/paper.css.
TITLE_WIDTH = 148.5
JOB_SIZE, EMPLOYER_SIZE, TITLE_LEADING = 14.5, 13.0, 1.22
TITLE_LINES, EMPLOYER_LINES = 2, 1
GESTURE = 27 * 1.05 * POINT + 0.6
LEAST_TITLE = 20.0
FACTS_ABOVE, FACTS_BELOW = 4.0, 2.0
FACT_WIDTHS = (53.5, 35.5, 50.5)
FACT_SIZE, FACT_LEADING = 11.5, 1.18
FACT_NAME = 10.5 * 1.15 * POINT
FACT_LINES, MORE_LINES = 3, 1
ASKED_LINES, ASKED_LINES_EACH = 8, 3
LEAST_ASKED = 12
# Less room, and the advert has it all.
LEAST_HALF = 3
# A verb, then a word without a capital: « Power BI » keeps its own.
GESTURE_NAMED = re.compile(r"[A-ZÀ-Ý]['’a-zà-ÿ]+(?:er|ir|re) [a-zà-ÿ]")
NOTE_HEIGHT = 2 * LINE + GAP
CODE_WIDTH, CODE_LINES = 42.5, 4
UNSAID = "Non indiqué"
# The information sheet: below its head, its title and its box, above its foot.
INFORMATION_ROOM = 238.0
NAME_SIZE = 21.0
NAME_FIT = (TITLE_LINES, TITLE_WIDTH, JOB_SIZE)
WAY_WIDTH, WAY_LINE, LEAST_WAYS = 150.0, 16 * 1.2 * POINT, 2


@dataclasses.dataclass(frozen=True)
class Fact:
    icon: str
    name: str
    value: str
    more: str = ""


@dataclasses.dataclass(frozen=True)
class PageContent:
    title: str
    employer: str
    facts: list[list[Fact]]
    columns: list[list[formatting.Block]]
    reach: Reach
    is_cut: bool
    public_address: str
    qr_code: SafeString | None


def information_body_of(offer: Offer) -> str:
    """Return the information sheet (annexe 1): no date, no reader."""
    reach = reach_of(offer)
    # The larger title and the ways to apply need their room.
    name, _ = fit(formatting.job_title(offer.title), *NAME_FIT, bold=True)
    ways = [reach.value] if reach.value else []
    ways += [f"{label}\xa0: {text}" for label, text in reach.others]
    lines = sum(len(lines_of(way, WAY_WIDTH, JOB_SIZE, bold=True)) for way in ways)
    lines = max(lines + bool(reach.person), LEAST_WAYS)
    larger = height_of(name, TITLE_WIDTH, NAME_SIZE, leading=1.1, bold=True)
    room = INFORMATION_ROOM - larger - lines * WAY_LINE
    content = content_of(offer, room, reach, who="votre conseiller")
    context = {"offer": offer, "sheet": content}
    return render_to_string("documents/offer.html", context)


def content_of(
    offer: Offer, room: float, reach: Reach, *, who: str = "votre contact"
) -> PageContent:
    """Cut an offer to so many millimetres; its advert gives way."""
    name = printed(formatting.job_title(offer.title))
    title, title_cut = fit(name, *NAME_FIT, bold=True)
    employer, employer_cut = employer_of(offer)
    facts, facts_cut = facts_of(offer)
    leading = TITLE_LEADING
    job = height_of(title, TITLE_WIDTH, JOB_SIZE, leading=leading, bold=True)
    line = height_of(employer, TITLE_WIDTH, EMPLOYER_SIZE, leading=leading)
    room -= max(LEAST_TITLE, GESTURE + job + line)
    room -= FACTS_ABOVE + sum(map(row_height, facts))
    # Both headings and the note stand first; then the advert has its half.
    half = int(max(0, room - HEADING_HEIGHT - NOTE_HEIGHT) / LINE)
    most = min(ASKED_LINES, half) if half >= LEAST_HALF else 0
    wanted, wanted_cut = asked_of(offer, most)
    is_cut = title_cut or employer_cut or facts_cut or wanted_cut or reach.is_cut
    columns, advert_cut = words_of(offer, wanted, room, who=who, is_cut=is_cut)
    address = public_address(offer)
    return PageContent(
        title=title,
        employer=employer,
        facts=facts,
        columns=columns,
        reach=reach,
        is_cut=is_cut or advert_cut,
        public_address=address.removeprefix("https://"),
        qr_code=qr_code_of(address, "QR code\xa0: l’annonce en ligne")
        if address
        else None,
    )


def printed(text: str) -> str:
    """Return the text in signs and spaces that the font has."""
    return formatting.without_pictures(
        text.replace(formatting.NARROW, formatting.FIXED)
    )


# --- Title ---------------------------------------------------------------------------


def employer_of(offer: Offer) -> tuple[str, bool]:
    """Return « Bâti d’essai, Vienne (38), n° 188VMCV », and whether it was cut."""
    company = printed(formatting.plain(offer.company))
    end = ", ".join(filter(None, [place_of(offer), f"n°{formatting.FIXED}{offer.pk}"]))
    end, end_cut = fit(end, EMPLOYER_LINES, TITLE_WIDTH, EMPLOYER_SIZE)
    whole = ", ".join(filter(None, [company, end]))
    if len(lines_of(whole, TITLE_WIDTH, EMPLOYER_SIZE)) <= EMPLOYER_LINES:
        return whole, end_cut
    # The company gives way: who answers says its name.
    left = TITLE_WIDTH - width_of(f", {end}", EMPLOYER_SIZE)
    company, _ = fit(company, 1, left, EMPLOYER_SIZE)
    return f"{company}, {end}", True


# --- Facts ---------------------------------------------------------------------------


def facts_of(offer: Offer) -> tuple[list[list[Fact]], bool]:
    """Return two rows of three facts, and whether one was cut."""
    presenter = OfferPresenter(offer)
    # ``E1``, "Contrat travail", is the ordinary nature: it says nothing.
    nature = "" if offer.nature in {"", "E1"} else offer.nature_label
    posts = f"{offer.posts}{formatting.FIXED}postes" if (offer.posts or 0) > 1 else ""
    contract = [formatting.contract(offer.contract_label), nature, posts]
    # What the pay says already is not beside it.
    texts = [text for text in presenter.pay if text != presenter.months_paid]
    extras = list(filter(None, map(formatting.pay, texts)))
    paid = formatting.pay(offer.salary_label)
    if not paid and extras:
        paid, *extras = extras
    licences = [
        formatting.licence(item["libelle"], is_required=item.get("exigence") == "E")
        for item in offer.details.get("permis") or []
        if item.get("libelle")
    ]
    facts = [
        ("pin", "Lieu de travail", place_of(offer) or UNSAID, ""),
        ("contract", "Contrat", ", ".join(filter(None, contract)) or UNSAID, ""),
        ("clock", "Horaires", hours_of(presenter) or f"{UNSAID}s", ""),
        ("euro", "Salaire brut", paid or UNSAID, ", ".join(extras)),
        ("steps", "Expérience", ", ".join(presenter.experience) or f"{UNSAID}e", ""),
        ("car", "Permis", ", ".join(licences), ""),
    ]
    fitted, is_cut = [], False
    for n, (icon, name, value, more) in enumerate(facts):
        width = FACT_WIDTHS[n % 3]
        value, value_cut = fit(printed(value), FACT_LINES, width, FACT_SIZE, bold=True)
        more, more_cut = fit(printed(more), MORE_LINES, width, FACT_SIZE)
        is_cut = is_cut or value_cut or more_cut
        if value:
            fitted.append(Fact(icon, name, value, more))
    return [fitted[:3], fitted[3:]], is_cut


def row_height(row: list[Fact]) -> float:
    return FACTS_BELOW + max(
        FACT_NAME
        + height_of(fact.value, width, FACT_SIZE, leading=FACT_LEADING, bold=True)
        + (
            height_of(fact.more, width, FACT_SIZE, leading=FACT_LEADING)
            if fact.more
            else 0
        )
        for fact, width in zip(row, FACT_WIDTHS, strict=False)
    )


def hours_of(presenter: OfferPresenter) -> str:
    """Return the hours; a week's number says whether it is a whole one."""
    hours = presenter.hours
    return ", ".join([text for text in hours if text != "Temps plein"] or hours)


# --- The advert ----------------------------------------------------------------------


def words_of(
    offer: Offer, wanted: list[str], room: float, *, who: str, is_cut: bool
) -> tuple[list[list[formatting.Block]], bool]:
    """Return as much of the text as fits, then what is asked, in two columns."""
    blocks = [
        formatting.Block(block.kind, [printed(line) for line in block.lines])
        for block in formatting.blocks_of(offer.description)
    ]
    blocks = [formatting.Block(HEADING, ["L’annonce"]), *blocks] if blocks else []
    units = formatting.units_of(blocks)
    note = (len(blocks), NOTE, f"{who} en a le texte complet dans Opus.")
    after = [formatting.Block(HEADING, ["Ce qui est demandé"])] if wanted else []
    after += [formatting.Block(formatting.TEXT, [line]) for line in wanted]
    last = [
        (n + len(blocks) + 1, kind, part)
        for n, kind, part in formatting.units_of(after)
    ]
    return columns_of(units, last, note, room, is_cut=is_cut)


def asked_of(offer: Offer, most: int) -> tuple[list[str], bool]:
    """Return what is asked of a person, in few lines, and whether it was cut."""
    details = offer.details

    def labels(part: str) -> Iterable[str | None]:
        return (item.get("libelle") for item in details.get(part) or [])

    diplomas = (
        f"{item.get('niveauLibelle') or ''} {item.get('domaineLibelle') or ''}"
        for item in details.get("formations") or []
    )
    parts: list[tuple[str, Iterable[str | None]]] = [
        ("Formation", diplomas),
        ("Langues", labels("langues")),
        ("Compétences", map(gesture, labels("competences"))),
        ("Qualités", map(gesture, labels("qualitesProfessionnelles"))),
    ]
    wanted: list[str] = []
    is_cut = False
    left = most
    for name, texts in parts:
        value = ", ".join(distinct(map(formatting.plain, texts)))
        if not value:
            continue
        if not left:
            return wanted, True
        text = printed(f"{name}{formatting.FIXED}: {value}")
        each = min(left, ASKED_LINES_EACH)
        text, was_cut = fit(text, each, WIDTH, SIZE)
        left -= len(lines_of(text, WIDTH, SIZE))
        is_cut = is_cut or was_cut
        # Half a word tells nothing.
        if not was_cut or len(text) > len(name) + LEAST_ASKED:
            wanted.append(text)
    return wanted, is_cut


def gesture(label: str | None) -> str:
    """Return « dresser une table », without its capital."""
    text = formatting.plain(label)
    return formatting.uncapitalised(text) if GESTURE_NAMED.match(text) else text


# --- The code to scan ----------------------------------------------------------------


def public_address(offer: Offer) -> str:
    """Return France Travail's page of a published offer.

    None of a preselected one: its page has a button to apply (2.7).
    """
    origin = offer.details.get("origineOffre") or {}
    address: str = origin.get("urlOrigine") or ""
    shown = address.removeprefix("https://")
    is_short = len(lines_of(shown, CODE_WIDTH, FACT_SIZE)) <= CODE_LINES
    is_public = offer.published and address.startswith(PUBLIC_SITE)
    return address if is_public and is_short and offer.shows_employer_contact else ""


def qr_code_of(text: str, title: str, *, error: str = "m") -> SafeString:
    code = segno.make(text, error=error, micro=False)
    return mark_safe(  # noqa: S308 - segno draws it and escapes its title
        code.svg_inline(scale=2, border=0, omitsize=True, title=title)
    )


def write(document: OfferDocument, out: Any) -> None:
    """Write the sheet's PDF. Raises Stopped: the offer is closed."""
    if not document.offer.is_active:
        raise Stopped
    title = f"Offre d’emploi n° {document.offer.pk}"
    out.write(pdf.write(print_sheet(document, title)))


def print_sheet(document: FrozenDocument, title: str, *more: str) -> Any:
    """Lay out a frozen sheet, in the style that it was frozen for.

    ``more``: names of the styles beside (``large``, ``easy``).
    """
    is_before = BEGINS_BEFORE in document.html[:200]
    styles = BEFORE if is_before else STYLES
    first = styles / ("sheet.css" if is_before else "paper.css")
    # 1.0.0 set its plain words in large print.
    names = {"large" if is_before else name for name in more}
    beside = [styles / f"{name}.css" for name in names]
    # Large print may take as many pages as it needs.
    tight = None if "large" in names else styles / "_".join([*names, "tight.css"])
    return lay_out(document, title, first, *beside, tight=tight)
