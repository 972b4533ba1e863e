import re
from collections.abc import Mapping
from typing import Any

DIVISION = re.compile(r"(\d\d)(?:\.?\d\d[A-Z])?", re.ASCII)
# « origineOffre.origine » of the API.
FRANCE_TRAVAIL, PARTNER = "1", "2"


def read_adapted(details: Mapping[str, Any]) -> bool | None:
    """Return whether it is an *entreprise adaptée*, from two places."""
    flags = [
        details.get("entreprise", {}).get("entrepriseAdaptee"),
        details.get("entrepriseAdaptee"),
    ]
    said = [flag for flag in flags if flag is not None]
    return any(said) if said else None


def read_sector(details: Mapping[str, Any]) -> str:
    """Return the division of the NAF, 43 for « 43.99C »."""
    for key in ("secteurActivite", "codeNAF"):
        if found := DIVISION.fullmatch(details.get(key, "").strip().upper()):
            return found[1]
    return ""


def read_is_from_partner(details: Mapping[str, Any]) -> bool | None:
    origin = details.get("origineOffre", {}).get("origine", "")
    return {FRANCE_TRAVAIL: False, PARTNER: True}.get(origin)
