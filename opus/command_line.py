"""What ``manage.py`` prints when an operator can mend the error.

``--traceback`` shows the error itself.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

DATABASE = (DatabaseError, InterfaceError, psycopg.Error)
# SQLSTATE: connection, authorization, name of the database, shutdown, too many.
AWAY = ("08", "28", "3D", "57P", "53300")
DENIED = "42501"
# A table, a column or a function is missing.
OTHER_TABLES = {"42P01", "42703", "42883"}


@contextmanager
def plain_errors(arguments: Sequence[str]) -> Iterator[None]:
    """Exit with a sentence: files, database (1), Ctrl-C (130)."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("Interrompu.\n")
        sys.exit(130)
    except BrokenPipeError:  # The reader closed the pipe (`| head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (*DATABASE, OSError) as error:
        sentence = describe(error)
        if not sentence or "--traceback" in arguments:
            raise
        sys.exit(sentence)


def describe(error: Exception) -> str:
    """Return a sentence; empty: a fault of Opus."""
    if isinstance(error, OSError):
        place = f"{error.filename}\xa0: " if error.filename else ""
        return f"{place}{error.strerror or error}."
    driver = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(driver, psycopg.Error):
        return ""
    code = driver.sqlstate or ""
    reason = driver.diag.message_primary or str(driver).partition("\n")[0]
    is_operational = isinstance(driver, psycopg.OperationalError)
    is_away = is_operational if not code else code.startswith(AWAY)
    if is_away or reason.startswith("invalid connection option"):
        return f"La base de données ne répond pas ({address()})\xa0: {reason}."
    if code in OTHER_TABLES:
        return (
            f"La base de données ({address()}) n’a pas les tables de cette version"
            f" d’Opus\xa0: lancez manage.py migrate. {reason}."
        )
    if code == DENIED:
        return f"La base de données refuse ce rôle ({address()})\xa0: {reason}."
    if is_operational:
        return f"La base de données a interrompu la commande\xa0: {reason}."
    return ""


def address() -> str:
    """Return the address without its password, options included."""
    values = connection.settings_dict
    port = f":{values['PORT']}" if values["PORT"] else ""
    place = f"{values['HOST'] or 'localhost'}{port}/{values['NAME']}"
    name = "OPUS_MIGRATE_URL" if settings.AS_OWNER else "DATABASE_URL"
    return f"{name}, postgres://{values['USER']}@{place}"
