import json
import math
from typing import Any

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MAX_BYTES = 5 * 1024 * 1024
MAX_EVENTS = 1_000
# Python refuses longer ones, and with them the whole body.
MAX_DIGITS = 400


class NotABatch(ValueError):
    """The body has no events; the reason is in French."""


class TooLarge(ValueError):
    """More events than allowed; the reason is in French."""


def read_batch(body: bytes, content_type: str) -> list[Any]:
    """Return a delivery's unread events. Raises NotABatch, TooLarge."""
    if content_type not in {BATCH, SINGLE}:
        raise NotABatch(f"Content-Type : {BATCH} ou {SINGLE} est attendu.")
    try:
        content = decode(body.decode())
    except RecursionError as error:
        raise NotABatch("Objet JSON trop profond.") from error
    except ValueError as error:
        raise NotABatch("Le corps n’est pas du JSON en UTF-8.") from error
    if content_type == SINGLE:
        if not isinstance(content, dict):
            raise NotABatch("Un évènement (objet JSON) est attendu.")
        return [content]
    if not isinstance(content, list):
        raise NotABatch("Un lot (tableau JSON d’évènements) est attendu.")
    if len(content) > MAX_EVENTS:
        raise TooLarge(f"{MAX_EVENTS} évènements au plus par lot.")
    return content


def read_int(digits: str) -> float:
    """Read a number; a long one is NaN, rejected later."""
    return int(digits) if len(digits) <= MAX_DIGITS else math.nan


# NaN and infinities pass here, so that only their event is rejected.
decode = json.JSONDecoder(parse_int=read_int).decode
