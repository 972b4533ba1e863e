import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
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
