import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

PERIODS = {"horaire": "H", "mensuel": "M", "annuel": "A"}
# Wider than any wage: other values were typed into the wrong box.
SOUND_PAY = {"H": (5, 500), "M": (100, 50_000), "A": (1_200, 600_000)}
PAY = re.compile(
    r"(horaire|mensuel|annuel)\s+de\s+([\d.,\s]+?)\s*(?:€|euros?)"
    r"(?:\s+à\s+([\d.,\s]+?)\s*(?:€|euros?))?",
    re.IGNORECASE,
)


LEGAL_WEEK = Decimal(35)
WEEKS_PER_YEAR = Decimal(52)
MONTHS_PER_YEAR = Decimal(12)


@lru_cache(maxsize=4_096)
def read_pay(label: str) -> tuple[str, str, str] | None:
    """Return (least, most, ``H`` / ``M`` / ``A``), if credible."""
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


def yearly_pay(amount: str, period: str, weekly_hours: Decimal) -> Decimal:
    per_year = {
        "H": weekly_hours * WEEKS_PER_YEAR,
        "M": MONTHS_PER_YEAR,
        "A": Decimal(1),
    }
    return Decimal(amount) * per_year[period]


def monthly_pay(
    details: Mapping[str, Any], weekly_hours: Decimal | None, full_time: bool | None
) -> tuple[int | None, int | None]:
    """Return (least, most) in gross euros a month.

    A full-time or unknown week has 35 hours.
    """
    pay = details.get("salaire", {})
    hours = weekly_hours or (None if full_time is False else LEGAL_WEEK)
    periods = {"H": hours and hours * WEEKS_PER_YEAR, "M": MONTHS_PER_YEAR, "A": 1}
    per_year = periods.get(pay.get("periode", ""))
    if per_year is None:
        return None, None
    least, most = (
        int((Decimal(pay[key]) * per_year / 12).quantize(Decimal(1), ROUND_HALF_UP))
        for key in ("minimum", "maximum")
    )
    return least, most
