import html
import re
from functools import lru_cache
from typing import Any

MAX_LINE = 300
MAX_TEXT = 4_000

ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Known tags only: « salaire < 2000 » and « <https://…> » are prose.
BLOCK_TAGS = "p|div|ul|ol|h[1-6]|table|tbody|thead|tr|section|article|blockquote|hr|pre"
INLINE_TAGS = (
    "b|i|u|s|em|strong|small|big|sup|sub|span|font|a|li|img|td|th|label|center|o:p"
)
UNSEEN = re.compile(
    r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
LINE_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
LIST_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
# An attribute has its « = »: « a<b et b>c » is prose.
ATTRIBUTES = r"(?:\s[^<>]*=[^<>]*)?\s*/?>"
BLOCK = re.compile(rf"</?(?:{BLOCK_TAGS}){ATTRIBUTES}", re.IGNORECASE)
INLINE = re.compile(rf"</?(?:{INLINE_TAGS}|script|style){ATTRIBUTES}", re.IGNORECASE)
# Controls, and marks that turn or hide text: a title must read as it is stored.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
LINK = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str, limit: int) -> str:
    """Return plain text with line breaks, from text or HTML."""
    # Upstream caps at 5 000 characters; the margin is for mark-up.
    text = text[: 4 * limit]
    if text.isprintable() and "&" not in text and "<" not in text:
        # One line without mark-up, as most are: an import reads fifty for each offer.
        return " ".join(text.split())[:limit].rstrip()
    if "&" in text:
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "<" in text:
        text = UNSEEN.sub(" ", text)
        text = LINE_BREAK.sub("\n", text)
        text = LIST_ITEM.sub("\n- ", text)
        text = BLOCK.sub("\n", text)
        text = INLINE.sub("", text)
    if "&" in text:
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    text = "\n".join(
        line if line.isprintable() else INVISIBLE.sub("", line).strip()
        for line in lines
    )
    text = BLANK_LINES.sub("\n\n", text).strip()
    return text[:limit].rstrip()


@lru_cache(maxsize=4_096)
def clean_line(text: str, limit: int = MAX_LINE) -> str:
    return " ".join(clean_text(text, limit).split())


def as_line(value: Any) -> str:
    return clean_line(value) if isinstance(value, str) else ""


def as_text(value: Any) -> str:
    return clean_text(value, MAX_TEXT) if isinstance(value, str) else ""


def as_link(value: Any) -> str:
    link = clean_line(value, 2_000) if isinstance(value, str) else ""
    return link if LINK.fullmatch(link) else ""


def as_flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
