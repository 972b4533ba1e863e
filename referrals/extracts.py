"""Acts for a statistician, under pseudonyms whose key is not in the database (V20).

The same key gives a person the same pseudonym in each extract; another key breaks the
link, for ever. Such rows are still personal data (GDPR 4.5): month, department, kind
and outcome, and nothing finer.
"""

import csv
import hmac
import io
import stat
from pathlib import Path
from uuid import UUID

from referrals.models import Candidate
from referrals.past import acts_of_persons

TITLES = ("personne", "mois", "departement", "acte", "suite")
# As many as the digest itself has: fewer would be guessed sooner.
KEY_BYTES = 32


class WeakKey(ValueError):
    """The key's file does not protect anybody; ``str(error)`` says why."""


def read_key(path: Path) -> bytes:
    """The key of a file that its owner alone reads.

    Raises:
        WeakKey: others may read it, or it is too short.
        OSError: there is no such file.
    """
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WeakKey(f"d’autres que vous lisent {path} : chmod 600")
    key = path.read_bytes().strip()
    if len(key) < KEY_BYTES:
        raise WeakKey(f"la clé compte {len(key)} octets, il en faut {KEY_BYTES}")
    return key


def pseudonym(person: UUID, key: bytes) -> str:
    """Who it is for nobody, and the same each time for whoever has the key."""
    return hmac.new(key, person.bytes, "sha256").hexdigest()[:KEY_BYTES]


def extract(key: bytes) -> list[tuple[str, ...]]:
    """Every act, in the order of pseudonyms, which tells nothing of when it came."""
    acts = acts_of_persons(Candidate.objects.values("pk"))
    return sorted((pseudonym(person, key), *cell) for cell, person in acts)


def as_csv(rows: list[tuple[str, ...]]) -> str:
    """With its titles; for a program, so without a mark for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([TITLES, *rows])
    return text.getvalue()
