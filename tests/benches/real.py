"""Write real offers as JSONL: ``real.py multiplied|as-they-are N FILE…``.

Multiplied: each copy has its own number, dates, place, mode and title.
"""

import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")

from demo.synthetic.market import read_towns
from demo.synthetic.numbers import number_of
from demo.synthetic.offers import DAYS, add_mode, make_place, stamp
from demo.synthetic.randomness import Dice
from demo.synthetic.words import at_town
from opus.lib.french_regions import read_rows

SEED = 2
TRADES = Path(__file__).resolve().parents[2] / "offers/reference/data/rome.csv"


def multiply(originals: list[dict[str, Any]], wanted: int) -> Iterator[dict[str, Any]]:
    dice = Dice(SEED)
    towns, weights = read_towns()
    end = datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC)
    first_number = SEED * 15_485_863
    for index, original in zip(count(), islice(cycle(originals), wanted), strict=False):
        town = dice.weighed(towns, weights)
        company = (original.get("entreprise") or {}).get("nom", "Employeur")
        created = end - timedelta(seconds=dice.draw() * DAYS * 86_400 + 1)
        offer = original | {
            "id": number_of(first_number + index),
            "dateCreation": stamp(created),
            "dateActualisation": stamp(created + (end - created) * dice.draw() / 2),
            "lieuTravail": make_place(dice, town, {}),
        }
        if index >= len(originals):
            offer["intitule"] = f"{original['intitule']} {at_town(town.name)}"[:300]
        add_mode(dice, offer, town, company, 1)
        yield offer


def read(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        is_packed = path.read_bytes()[:2] == b"\x1f\x8b"
        with gzip.open(path, "rt") if is_packed else path.open() as lines:
            for line in lines:
                offer = json.loads(line)
                if offer.get("intitule"):
                    yield offer


def add_codes(offers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Add the trade's code to an offer that has its label alone."""
    codes = {row["label"]: row["code"] for row in read_rows(TRADES)}
    for offer in offers:
        code = codes.get(offer.get("romeLibelle", ""), "")
        yield {"romeCode": code} | offer


def main(how: str, wanted: str, *paths: str) -> None:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    offers = chosen = read(map(Path, paths))
    if how == "as-they-are":
        chosen = islice(add_codes(offers), int(wanted))
    else:
        described = [offer for offer in offers if offer.get("description")]
        chosen = multiply(described, int(wanted))
    for offer in chosen:
        sys.stdout.write(f"{encode(offer)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
