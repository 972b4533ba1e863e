"""The folder where the processes of one web server add up their figures.

It imports no Prometheus: its client reads the variable when it is first imported.
"""

import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "opus-metrics-"


def make() -> None:
    """Make an empty one; remove those of killed servers."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner == str(os.getpid()) or not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def remove() -> None:
    if folder := os.environ.get(VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)
