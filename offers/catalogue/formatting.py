"""Format what an offer says for pages, lists, files and paper.

Nothing is guessed and no word is lost: what a rule does not know whole is printed as
it came (art. 7).
"""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from django.utils import timezone

from offers.payload.contract import WEEK_OF_PAY, read_pay, yearly_pay
from opus.lib import french
from opus.lib.dates import date_format
from opus.lib.forms.fields import PHONE_SIGNS, format_phone

NARROW = "\N{NARROW NO-BREAK SPACE}"
FIXED = "\N{NO-BREAK SPACE}"
# Euros for 35 hours: beyond, the pay of a part-time job was stated for a full week.
MOST_IN_PART_TIME = 4_000
UNITS = {"H": "/h", "M": "/mois", "A": "/an"}
# What the box of the pay holds when there is none.
NO_PAY = re.compile(
    r"(?:horaire|mensuel|annuel)?(?: de)?|[-./]+|n/a|autre", re.IGNORECASE
)
PAY = re.compile(
    r"(?:(horaire|mensuel|annuel|autre) )?de (\d[\d.,]*) euros?"
    r"(?: à (\d[\d.,]*) euros?)?(?: sur (\d[\d.,]*) mois)?",
    re.IGNORECASE,
)
PERIODS = {
    "horaire": f" de{FIXED}l’heure",
    "mensuel": f" par{FIXED}mois",
    "annuel": f" par{FIXED}an",
}
# A month of an hourly pay is no thirteenth one.
USUAL_MONTHS = {"", "1", "12"}


def number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def count_of(value: int, word: str) -> str:
    plural = "s" if value > 1 else ""
    return f"{number(value)}{FIXED}{word}{plural}"


def km(value: float | None) -> str:
    """Return a distance, without a figure under a kilometre."""
    if value is None:
        return ""
    return f"moins de 1{FIXED}km" if value < 1 else f"{number(round(value))}{FIXED}km"


def pay(label: str) -> str:
    """Return « 12,60 € à 14,53 € de l’heure », "" if unsaid."""
    line = plain(label)
    if NO_PAY.fullmatch(line):
        return ""
    found = PAY.fullmatch(line)
    if not found:
        return line
    period, least, most, months = (part or "" for part in found.groups())
    amounts = dict.fromkeys(map(euros_of, filter(None, (least, most))))
    text = f"{' à '.join(amounts)}{PERIODS.get(period.lower(), '')}"
    months = months.replace(",", ".").removesuffix(".0").replace(".", ",")
    is_usual = months in USUAL_MONTHS or period.lower() == "horaire"
    return text if is_usual else f"{text}, payé sur {months} mois"


def short_pay(label: str) -> str:
    """Return the stated pay as rows show it: « 12,02 à 13,12 €/h »."""
    read = read_pay(label)
    if read is None:
        return pay(label)
    least, most, period = read
    first = euros(least).removesuffix(f"{FIXED}€")
    amount = euros(least) if least == most else f"{first} à {euros(most)}"
    return f"{amount}{UNITS[period]}"


def comparable_pay(
    label: str, weekly_hours: Decimal | None, full_time: bool | None
) -> str:
    """Return the gross pay of a month of 35 hours, or "" if unknown."""
    read = read_pay(label)
    week = weekly_hours or (None if full_time is False else WEEK_OF_PAY)
    if read is None or (week is None and read[2] != "H"):
        return ""
    least, most, period = read
    # Pay by the hour is for the hours of that week; the others for the whole week.
    share = Decimal(1) if period == "H" else WEEK_OF_PAY / (week or WEEK_OF_PAY)
    months = [
        round(yearly_pay(amount, period, WEEK_OF_PAY) * share / 12)
        for amount in dict.fromkeys((least, most))
    ]
    if share > 1 and months[0] > MOST_IN_PART_TIME:
        return ""
    return f"{' à '.join(map(number, months))}{FIXED}€"


def is_comparable(label: str, weekly_hours: Decimal | None) -> bool:
    """Return whether the pay is stated by month, for 35 hours."""
    read = read_pay(label)
    is_legal = weekly_hours is None or weekly_hours == WEEK_OF_PAY
    return read is not None and read[2] == "M" and is_legal


def euros(amount: str) -> str:
    whole, cents = divmod(int(Decimal(amount) * 100), 100)
    return f"{number(whole)}{f',{cents:02}' if cents else ''}{FIXED}€"


def euros_of(text: str) -> str:
    """Return « 1 833 € », or the text if it is no amount."""
    digits = text.replace(",", ".").rstrip(".")
    is_amount = re.fullmatch(r"\d{1,7}(\.\d{1,3})?", digits)
    return euros(digits) if is_amount else f"{text}{FIXED}€"


def hours(value: Decimal | None) -> str:
    if value is None:
        return ""
    whole, minutes = divmod(int(value * 60), 60)
    return f"{whole}{FIXED}h{f'{FIXED}{minutes:02}' if minutes else ''}"


def ago(moment: datetime) -> str:
    """Return how long ago; after some days, the date."""
    age = timezone.now() - moment
    if age < timedelta(hours=1):
        return f"il y a {max(1, age // timedelta(minutes=1))}{FIXED}min"
    if age < timedelta(days=1):
        return f"il y a {age // timedelta(hours=1)}{FIXED}h"
    if age < timedelta(days=31):
        return f"il y a {age // timedelta(days=1)}{FIXED}j"
    return "le " + date_format(timezone.localtime(moment), "j F Y")


# --- Words ---------------------------------------------------------------------------


def plain(text: str | None) -> str:
    """Return one line: entities read, French spaces and apostrophes."""
    line = " ".join(html.unescape(text or "").split()).replace("'", "’")
    line = re.sub(r" (?=[:;!?»%€](?!\w))", FIXED, line)
    return re.sub(r"« ", f"«{FIXED}", line)


# Rows of stars, lines, dots of leaders: drawn with the keyboard.
RULES = re.compile(r"[*#_=~]{2,}|-{3,}")
BOTH = re.compile(
    r"[ (–-]*\b(?:H ?/ ?F|F ?/ ?H)\b(?:\)?/X\b)?\)?(?![/\w])", re.IGNORECASE
)


def job_title(text: str) -> str:
    """Return the title with « (H/F) » once, never split."""
    line = plain(RULES.sub(" ", html.unescape(text)))
    marks = list(BOTH.finditer(line))
    for mark in reversed(marks[1:]):
        line = f"{line[: mark.start()]} {line[mark.end() :]}".strip(" -–")
    if marks:
        start, end = marks[0].span()
        line = f"{line[:start]}{FIXED}(H/F) {line[end:].lstrip()}".strip()
    return line.strip(FIXED) or plain(text)


def trade_name(label: str) -> str:
    """Return « Maçon ou maçonne » for « Maçon / Maçonne »."""
    first, *others = re.split(r" ?/ ", plain(label))
    return " ou ".join([first, *map(uncapitalised, others)])


def uncapitalised(text: str) -> str:
    """Return the text without its capital; « BTP » and « O » stay."""
    return text if text[1:2].isupper() or not text[1:] else text[0].lower() + text[1:]


def phone(text: str) -> str:
    """Return « 02 61 91 31 00 »; what prints it keeps it on one line."""
    line = plain(text)
    # The library would leave out the words beside a number.
    return format_phone(line) if re.fullmatch(PHONE_SIGNS, line) else line


# --- Hours, experience, contract, licence ---------------------------------------------

WEEK = re.compile(
    r"(temps partiel - )?(\d{1,2}) ?H ?([0-5]\d)?(?:/semaine)?(?: (.+))?", re.IGNORECASE
)
PART_TIME = re.compile(r"temps partiel(?= (?:travail|autre|horaires)\b)", re.IGNORECASE)
WHEN = {
    "travail en journée": f"en{FIXED}journée",
    "travail les week-ends et jours fériés": "les week-ends et jours fériés",
    "travail le week-end": "le week-end",
    "travail le samedi": "le samedi",
    "travail le dimanche": "le dimanche",
    "travail dimanche et jours fériés": "dimanche et jours fériés",
    "travail de nuit": "de nuit",
    "travail en horaires décalés": "en horaires décalés",
    "travail en horaires fractionnés": "en horaires fractionnés",
    "travail posté (2x8, 3x8, 5x8, etc.)": "en équipes (2x8, 3x8, 5x8, etc.)",
    "travail en 2x8": "en 2x8",
    "travail en 3x8": "en 3x8",
    "travail en astreinte": "en astreinte",
    "autre": "",
}


def schedule(label: str | None) -> str:
    """Return « 35 h par semaine, en journée »."""
    line = plain(label).rstrip(".- ")
    found = WEEK.fullmatch(line)
    if found:
        part, whole, minutes, when = found.groups()
        week = f"{int(whole)}{FIXED}h"
        week += f"{FIXED}{minutes}" if minutes and int(minutes) else ""
        begins = ["Temps partiel"] if part else []
        begins.append(f"{week} par{FIXED}semaine")
    else:
        part = PART_TIME.match(line)
        begins = ["Temps partiel"] if part else []
        when = line[part.end() :].strip() if part else line
    times = [WHEN.get(one.lower(), one) for one in (when or "").split(" - ")]
    text = ", ".join(map(uncapitalised, filter(None, [*begins, *times])))
    return text[:1].upper() + text[1:]


SPAN = re.compile(r"(\d+)(?: à (\d+))? (?:(an)(?:\(s\)|s)?|mois)", re.IGNORECASE)
# A digit in brackets is no word: some sources put one after any experience.
CODE = re.compile(r" \(\d+\)$")
EXPERIENCE = re.compile(
    r"(expérience (?:exigée|souhaitée)(?: de )?)?"
    r"((?:\d+ à )?\d+ (?:an\(s\)|ans?|mois))?(?: \((.+)\)| - (.+))?",
    re.IGNORECASE,
)


def experience(label: str | None) -> str:
    """Return « 4 ans d’expérience », « Expérience exigée : 1 an »."""
    line = CODE.sub("", plain(label))
    found = EXPERIENCE.fullmatch(line)
    if not found:
        first, *others = line.split(" - ")
        return ", ".join([first, *map(uncapitalised, others)])
    how, span, bracket, more = (part or "" for part in found.groups())
    length = ""
    if found := SPAN.fullmatch(span):
        least, most, years = found.groups()
        last = int(most or least)
        unit = ("ans" if last > 1 else "an") if years else "mois"
        length = f"{f'{least} à ' if most else ''}{last}{FIXED}{unit}"
    if how:
        text = how.removesuffix(" de ").capitalize()
        text += f"{FIXED}: {length}" if length else ""
    else:
        text = f"{length} d’expérience" if length else ""
    return ", ".join(filter(None, (text, uncapitalised(more or bracket))))


CONTRACTS = {
    "contrat à durée indéterminée": "CDI",
    "contrat à durée déterminée": "CDD",
    "mission intérimaire": "Intérim",
    "contrat travail saisonnier": "Contrat saisonnier",
    "saisonnier": "Contrat saisonnier",
    "cdd insertion": "CDD d’insertion",
    "contrat durée déterminée insertion": "CDD d’insertion",
    "intérim insertion": "Intérim d’insertion",
    "cdi intérimaire": "CDI intérimaire",
}


def contract(label: str | None) -> str:
    """Return « Intérim, 6 mois », « CDD, 1 jour »."""
    kind, dash, length = plain(label).rpartition(" - ")
    found = re.fullmatch(r"(\d+) (?:(mois)|jour(?:\(s\)|s)?)", length, re.IGNORECASE)
    if not dash or not found:
        kind, found = plain(label), None
    kind = CONTRACTS.get(kind.lower(), kind)
    if not found:
        return kind
    unit = "mois" if found[2] else "jours" if int(found[1]) > 1 else "jour"
    return f"{kind}, {int(found[1])}{FIXED}{unit}"


LICENCES = {"B - Véhicule léger": "B (voiture)", "Aucun permis": "aucun demandé"}


def licence(label: str, *, is_required: bool) -> str:
    """Return « B (voiture), exigé »; its line says « Permis »."""
    known = LICENCES.get(label) or re.sub(
        r"^(\w{1,2}) - (.+)$",
        r"\1 (\2)",
        plain(label).replace("(", "").replace(")", ""),
    )
    if label == "Aucun permis":
        return known
    return f"{known}, {'exigé' if is_required else 'souhaité'}"


# Of the names of places.
SMALL = {"en", "de", "du", "des", "d", "le", "la", "les", "l", "lès", "sur", "sous"}
SMALL |= {"et", "au", "aux"}
PLACE = re.compile(r"(\d{2,3}|2[AB]) - (.+)")


def place(label: str | None, commune: str = "", postcode: str = "") -> str:
    """Return « Bonneville (38) »; ``commune``: its official name.

    A name that is not the label's is left out; a postcode says the department too.
    """
    line = plain(label)
    found = PLACE.fullmatch(line)
    if not found:
        return line
    department, name = found.groups()
    whole = re.fullmatch(r"(.+) \(Dept\.\)", name)
    if whole:
        return f"{whole[1]}{FIXED}({department}), commune non précisée"
    if commune and joined(name) in joined(commune):
        name = plain(commune)
    elif name.isupper():
        words = [word.lower() for word in re.split(r"([ ’-])", name)]
        name = words[0].capitalize() + "".join(
            word if word in SMALL else word.capitalize() for word in words[1:]
        )
    return f"{name}{FIXED}({postcode or department})"


def joined(name: str) -> str:
    """Return the letters and digits alone, to compare names."""
    return french.plain(name).replace(" ", "")


# --- The text of an offer, in titles, paragraphs and lists ----------------------------
# Same words, same order: only marks drawn with the keyboard go (art. 7).

TITLE, TEXT, LIST = "title", "text", "list"

# No font of an office draws them, and they hold no word.
PICTURES = re.compile(
    "[\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\ue000-\uf8ff\ufe0f"
    "\u200b-\u200d\u2060\ufeff\U0001f000-\U0001faff]+"
)
# « ***URGENT*** » is a title of its own, « missions***Conduire » a list.
STARRED = re.compile(r"(?<!\S)([*#_=~]{2,}) ?([^*\n]{3,80}?) ?\1(?!\S)")
BULLET = re.compile(r"(?:[-–—•●▪◦·*►>→⇒+]+|o(?=\s))\s*(?=\S)")
DOTS = re.compile(r"(?<=\S)\s*[•●▪◦►]\s*(?=\S)|(?<=[a-zéè]) ?· ?(?=[A-ZÀ-Ü])")
# « … suivantes :-Vérifier …;-Garantir … »: proven by two of them.
GLUED = re.compile(
    r"(?<=[:;.,!?)])\s*[-–]\s?(?=[A-ZÀ-Ü])"
    r"|(?<=[:;])\s*[-–*]\s*(?=\w)"
    r"|(?<=[a-zà-ÿ\d)%])\s?[-–*]\s(?=[A-ZÀ-Ü])"
)
LONGEST_TITLE = 60
SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-Ü«\d])")
# (block, kind, sentence or item): what may be cut off.
Unit = tuple[int, str, str]


def without_pictures(text: str) -> str:
    return re.sub(r" +(?=[ \xa0]|$)", "", PICTURES.sub("", text)).lstrip()


class Block(NamedTuple):
    kind: str
    lines: list[str]


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of an offer's text, without marks."""
    blocks: list[Block] = []
    for is_item, line in marked_lines(text):
        if is_item and blocks and blocks[-1].kind == LIST:
            blocks[-1].lines.append(line)
        else:
            kind = LIST if is_item else TITLE if is_title(line) else TEXT
            blocks.append(Block(kind, [line]))
    blocks = [part for block in blocks for part in ended(block)]
    return [
        Block(TITLE, block.lines) if leads(block, after) else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


def marked_lines(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is it an item, the line without its mark)."""
    text = html.unescape(text)
    text = STARRED.sub(r"\n\2\n", text)
    text = RULES.sub("\n* ", text)
    if len(GLUED.findall(text)) > 1:
        text = GLUED.sub("\n- ", text)
    for raw in DOTS.sub("\n- ", text).splitlines():
        line = PICTURES.sub(lambda one: " " if one.start() else "- ", raw.strip())
        mark = BULLET.match(line)
        words = plain(line[mark.end() :] if mark else line).strip("*\xa0 ")
        if re.search(r"\w", words):
            yield bool(mark), words


def is_title(line: str) -> bool:
    is_loud = line.isupper() and len(line) > 3
    return len(line) <= LONGEST_TITLE and (line.endswith(":") or is_loud)


def leads(block: Block, after: Block | None) -> bool:
    """Return whether it is a title: a few words before a list."""
    line = block.lines[0]
    is_short = block.kind == TEXT and len(line) <= LONGEST_TITLE
    if after is None or after.kind != LIST:
        return False
    return is_short and line[-1] not in ".;!?,…"


def ended(block: Block) -> Iterator[Block]:
    """Yield the list without the text that follows its last item.

    A list of one item is a sentence.
    """
    if block.kind != LIST:
        yield block
        return
    *items, last = block.lines
    end, *rest = SENTENCES.split(last, maxsplit=1)
    if not items:
        yield Block(TEXT, [last])
    elif rest and all(item[-1] in ";," for item in items):
        yield Block(LIST, [*items, end])
        yield Block(TEXT, rest)
    else:
        yield block


# --- As much as there is room for ----------------------------------------------------


def units_of(blocks: list[Block]) -> list[Unit]:
    """Return the sentences and items of the blocks."""
    return [
        (n, block.kind, part)
        for n, block in enumerate(blocks)
        for line in block.lines
        for part in (SENTENCES.split(line) if block.kind == TEXT else [line])
    ]


def finished(units: list[Unit]) -> list[Unit]:
    """Return the units without a title or half a phrase at their end."""
    units = list(units)
    while units:
        _, kind, part = units[-1]
        # An item of a list may end on « ; ».
        if kind != TITLE and part[-1:] not in (":(–-" if kind == LIST else ":,;(–-"):
            break
        units.pop()
    return units


def regrouped(units: list[Unit]) -> list[Block]:
    """Return the blocks of these units, whole or in part."""
    blocks: list[Block] = []
    last = None
    for n, kind, part in units:
        if n != last:
            blocks.append(Block(kind, [part]))
        elif kind == TEXT:
            blocks[-1].lines[0] += f" {part}"
        else:
            blocks[-1].lines.append(part)
        last = n
    return blocks
