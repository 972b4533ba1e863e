"""Parts of a payload: typed values, dates, plain text from text or HTML."""

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,19}")

MAX_POSTS = 9_999

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class UnsoundOffer(ValueError):
    """The JSON is no offer; the reason is in French."""


def typed[T](data: Mapping[str, Any], key: str, kind: type[T], name: str) -> T | None:
    """Return a value, None if absent. Raises UnsoundOffer: another type."""
    value = data.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise UnsoundOffer(f"« {key} » : {name} est attendu.")


def text_of(data: Mapping[str, Any], key: str) -> str:
    return typed(data, key, str, "un texte") or ""


def object_of(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    return typed(data, key, dict, "un objet") or {}


def flag_of(data: Mapping[str, Any], key: str) -> bool | None:
    return typed(data, key, bool, "vrai ou faux")


def count_of(data: Mapping[str, Any], key: str) -> int | None:
    """Return a number of posts. Raises UnsoundOffer: out of bounds."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnsoundOffer(f"« {key} » : un nombre entier est attendu.")
    if not 0 <= value <= MAX_POSTS:
        raise UnsoundOffer(f"« {key} » : {value} est hors limites.")
    return value


def in_utc(moment: datetime) -> datetime:
    """Convert to UTC, the zone of a date without one."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def read_date(text: str, key: str) -> datetime:
    """Read an ISO date to UTC; raise UnsoundOffer if invalid."""
    try:
        moment = in_utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        raise UnsoundOffer(f"« {key} » : date illisible.") from error
    if not EARLIEST <= moment < LATEST:
        raise UnsoundOffer(f"« {key} » : date invraisemblable.")
    return moment


def read_dates(
    data: Mapping[str, Any], received_at: datetime | None = None
) -> tuple[datetime, datetime]:
    """Return (created, updated): the newest wins; raise UnsoundOffer if invalid."""
    created = text_of(data, "dateCreation")
    updated = text_of(data, "dateActualisation")
    if created or updated:
        first = read_date(created or updated, "dateCreation")
        return first, read_date(updated or created, "dateActualisation")
    if received_at is None:
        raise UnsoundOffer("Ni « dateCreation » ni « dateActualisation ».")
    return received_at, received_at


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def demand_sound_json(data: Any) -> dict[str, Any]:
    """Return an object that PostgreSQL can store.

    Raises UnsoundOffer: no object; NaN, infinity, NUL, half a surrogate, too deep.
    """
    if not isinstance(data, dict):
        raise UnsoundOffer("Un objet JSON est attendu.")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError as error:
        raise UnsoundOffer("Caractère Unicode incomplet.") from error
    except RecursionError as error:
        raise UnsoundOffer("Objet JSON trop profond.") from error
    except (TypeError, ValueError) as error:
        raise UnsoundOffer("Nombre illisible (NaN ou infini).") from error
    if "\\u0000" in text and NUL.search(text):
        raise UnsoundOffer("Caractère nul (\\u0000) dans un texte.")
    return data


def read_reference(data: Mapping[str, Any]) -> str:
    """Return the offer's number; raise UnsoundOffer if missing or invalid."""
    reference = text_of(data, "id").strip()
    if not reference:
        raise UnsoundOffer("« id » manque.")
    if not REFERENCE.fullmatch(reference):
        raise UnsoundOffer("« id » : 1 à 20 lettres ou chiffres sont attendus.")
    return reference


def printable(value: Any, limit: int) -> str:
    """Return a text, cut and without unprintable characters, else empty."""
    if not isinstance(value, str):
        return ""
    text = value[:limit].encode("utf-8", "replace").decode()
    return "".join(sign for sign in text if sign.isprintable())


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
