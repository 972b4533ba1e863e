"""A stopped cluster with migrated test databases, copied by each bin/test.

Migrations take fifteen seconds of processor for each process of pytest.
"""

import os
import shutil
from pathlib import Path

from common import Failed, digest, locked
from environments import new_secrets
from processes import make_tables
from servers import Servers

# Files that determine the tables.
SOURCES = (
    *("*/migrations/*.py", "opus/*/migrations/*.py", "offers/reference/data/*"),
    *("opus/settings.py", "requirements/*.lock"),
)
# One database for each process of pytest, with or without xdist.
NAME_DATABASES = (
    "ALTER DATABASE opus RENAME TO test_opus",
    *(
        f"CREATE DATABASE test_opus_gw{number} TEMPLATE test_opus"
        for number in range(os.cpu_count() or 1)
    ),
    "CREATE DATABASE opus TEMPLATE test_opus",
)


def make_template(folder: Path) -> Path:
    """Return the cluster of today's migrations, made if missing."""
    with locked(folder / "template"):
        template = folder / f"template-{digest(*SOURCES)}"
        if template.exists():
            return template
        for old in folder.glob("template-*"):
            shutil.rmtree(old, ignore_errors=True)
        servers = Servers(folder / "new-template", throw_away=True)
        servers.remove()
        try:
            environment = {"OPUS_DEMO": "1", "OPUS_HOSTS": "localhost"}
            environment |= new_secrets() | servers.start()
            if make_tables(environment):
                raise Failed("The tables of the tests could not be made: see above.")
            servers.stop()
            if postgres := servers.postgres:
                postgres.run_alone(*NAME_DATABASES)
                postgres.data.rename(template)
        finally:
            servers.stop()
            servers.remove()
        return template
