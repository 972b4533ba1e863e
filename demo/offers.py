from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils import timezone

from demo.synthetic import make_offers
from demo.synthetic.words import at_town
from offers.catalogue.writes import HALF, upsert_offers
from offers.files.models import ImportRun, Quarantine
from offers.payload.offer import read_offer
from offers.payload.text import UnsoundOffer
from offers.search.words import refresh_search

# Shown instead of a file name in the list of imports.
SOURCE = "démonstration"
# One offer in eight is near the structure, so that a search there finds all kinds.
ONE_IN = 8
AGENCY = "38086"


class Town(NamedTuple):
    code: str
    postcode: str
    name: str
    latitude: float
    longitude: float


TOWNS = (
    Town("38193", "38080", "L'Isle-d'Abeau", 45.6227, 5.2289),
    Town("38053", "38300", "Bourgoin-Jallieu", 45.5938, 5.2764),
    Town("38553", "38090", "Villefontaine", 45.6134, 5.1489),
    Town("38537", "38290", "La Verpillière", 45.6326, 5.1480),
    Town("38449", "38070", "Saint-Quentin-Fallavier", 45.6437, 5.1127),
    Town("38530", "38090", "Vaulx-Milieu", 45.6128, 5.1840),
    Town("38509", "38110", "La Tour-du-Pin", 45.5628, 5.4426),
)


def seed_offers(count: int) -> int:
    runs = ImportRun.objects.filter(files=[SOURCE])
    have = runs.aggregate(most=Max("read"))["most"] or 0
    if have >= count:
        return 0
    run = ImportRun.objects.create(files=[SOURCE], read=count)
    # No file, so no digest of a line to recognise them by.
    no_line = bytes(HALF)
    contents = [
        (read_offer(payload), no_line)
        for payload in islice(demo_payloads(count), have, None)
    ]
    created, changed = upsert_offers(contents)
    if not have:
        set_one_aside(run)
    run.created, run.updated = len(created), len(changed)
    run.rejected = run.rejects.count()
    run.ended_at = timezone.now()
    run.save()
    refresh_search()
    return len(created)


def demo_payloads(count: int) -> Iterator[dict[str, Any]]:
    """Return invented offers; one in eight is near the structure."""
    offers = make_offers(count, today=timezone.localdate())
    for index, payload in enumerate(offers):
        if index % ONE_IN:
            yield payload
        else:
            yield move(payload, TOWNS[index // ONE_IN % len(TOWNS)])


def move(payload: dict[str, Any], town: Town) -> dict[str, Any]:
    """Return the offer in another town, texts included."""
    before = payload["lieuTravail"]["libelle"].partition(" - ")[2]

    def rename(text: str) -> str:
        if not before:
            return text
        text = text.replace(at_town(before), at_town(town.name))
        return text.replace(before, town.name)

    return payload | {
        "intitule": rename(payload["intitule"]),
        "description": rename(payload["description"]),
        "contact": payload["contact"] | {"nom": rename(payload["contact"]["nom"])},
        "lieuTravail": {
            "libelle": f"38 - {town.name}",
            "commune": town.code,
            "codePostal": town.postcode,
            "latitude": town.latitude,
            "longitude": town.longitude,
        },
        "opus": payload["opus"] | {"agenceGestionnaire": AGENCY},
    }


def set_one_aside(run: ImportRun) -> None:
    raw = '{"id": "188VMCV", "intitule": "", "dateCreation": "hier"}'
    broken = {"id": "188VMCV", "intitule": "", "dateCreation": "hier"}
    try:
        read_offer(broken)
    except UnsoundOffer as error:
        Quarantine.objects.create(
            run=run,
            file=SOURCE,
            line=run.read + 1,
            reference="188VMCV",
            reason=str(error),
            raw=raw,
        )
