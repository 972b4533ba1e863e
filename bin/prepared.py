"""A cluster whose test databases have their tables: made once, copied by each bin/test.

To migrate anew takes fifteen seconds of a processor, for each process of pytest.
"""

import hashlib
import shutil
from pathlib import Path

from children import call
from common import ROOT, Failed, locked
from environments import new_secrets
from servers import Servers, find_postgres

# What the tables come from.
SOURCES = (
    "*/migrations/*.py",
    "opus/*/migrations/*.py",
    "offers/data/*",
    "opus/settings.py",
    "requirements/run.lock",
)
# One database for each process of pytest: alone, or the two of xdist.
NAME_DATABASES = (
    "ALTER DATABASE opus RENAME TO test_opus",
    "CREATE DATABASE test_opus_gw0 TEMPLATE test_opus",
    "CREATE DATABASE test_opus_gw1 TEMPLATE test_opus",
    "CREATE DATABASE opus",
)


def prepare_cluster(folder: Path) -> None:
    """Makes the cluster of today's migrations, unless the folder has it.

    Raises:
        Failed: the tables could not be made; the error is on the screen.
    """
    with locked(folder / "prepared"):
        cluster = prepared_cluster(folder)
        if cluster.exists():
            return
        for old in folder.glob("prepared-*"):
            shutil.rmtree(old, ignore_errors=True)
        servers = Servers(folder / "preparing", throw_away=True)
        servers.remove()
        try:
            environment = {
                "OPUS_DEMO": "1",
                "OPUS_HOSTS": "localhost",
                **new_secrets(),
                **servers.start(),
            }
            program = str(ROOT / "bin" / "prepare.py")
            if call(program, "--tables-only", environment=environment):
                raise Failed("The tables of the tests could not be made: see above.")
            servers.stop()
            if postgres := servers.postgres:
                postgres.run_alone(NAME_DATABASES)
                shutil.move(postgres.data, cluster)
        finally:
            servers.stop()
            servers.remove()


def prepared_cluster(folder: Path) -> Path:
    """Where the cluster of today's migrations stands, or is to stand."""
    sources = hashlib.sha256(str(find_postgres()).encode())
    for pattern in SOURCES:
        for path in filter(Path.is_file, sorted(ROOT.glob(pattern))):
            sources.update(f"{path.relative_to(ROOT)}\n".encode())
            sources.update(path.read_bytes())
    return folder / f"prepared-{sources.hexdigest()[:16]}"
