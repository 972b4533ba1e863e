"""Cut the text of an offer into titles, paragraphs and lists.

Same words, same order: only marks drawn with the keyboard go (art. 7).
"""

import html
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from offers.catalogue.formatting import RULES, plain

TITLE, TEXT, LIST = "title", "text", "list"

NEW_LINE = re.compile(
    r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr)(?:\s[^<>]{0,200})?\s?/?>", re.IGNORECASE
)
TAG = re.compile(
    r"</?(?:b|strong|i|em|u|span|font|a|table|tbody|td|th|sup)"
    # « a<b et b>c » has no attribute.
    r"(?:\s[^<>]{0,200}=[^<>]{0,200})?\s?/?>",
    re.IGNORECASE,
)
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
    text = html.unescape(html.unescape(text))
    text = TAG.sub("", NEW_LINE.sub("\n", text))
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
    while units and ends_badly(units[-1]):
        units.pop()
    return units


def ends_badly(unit: Unit) -> bool:
    _, kind, part = unit
    # An item of a list may end on « ; ».
    return kind == TITLE or part[-1:] in (":(–-" if kind == LIST else ":,;(–-")


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
