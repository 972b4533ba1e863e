"""The pay, where its label can be believed."""

import re
from decimal import Decimal
from functools import lru_cache

PERIODS = {"horaire": "H", "mensuel": "M", "annuel": "A"}
# Wider than any wage: what lies outside was typed into the wrong box.
SOUND_PAY = {"H": (5, 500), "M": (100, 50_000), "A": (1_200, 600_000)}
PAY = re.compile(
    r"(horaire|mensuel|annuel)\s+de\s+([\d.,\s]+?)\s*(?:€|euros?)"
    r"(?:\s+à\s+([\d.,\s]+?)\s*(?:€|euros?))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def read_pay(label: str) -> tuple[str, str, str] | None:
    """(least, most, ``H`` / ``M`` / ``A``), None where the label is not sound."""
    found = PAY.search(label)
    if not found:
        return None
    period = PERIODS[found[1].lower()]
    low, high = SOUND_PAY[period]
    amounts = []
    for text in (found[2], found[3] or found[2]):
        digits = re.sub(r"\s", "", text).replace(",", ".")
        if not re.fullmatch(r"\d{1,7}(\.\d{1,3})?", digits):
            return None
        amounts.append(Decimal(digits).quantize(Decimal("0.01")))
    if not low <= amounts[0] <= amounts[1] <= high:
        return None
    return str(amounts[0]), str(amounts[1]), period
