"""Pseudonymised acts; the key is not in the database (V20).

Still personal data (GDPR 4.5): month, department, kind and outcome only.
"""

import csv
import hmac
import io
import stat
from pathlib import Path
from uuid import UUID

from referrals.candidates.models import Candidate, Processing, ProcessingLimit
from referrals.privacy.aggregates import acts_of_persons

TITLES = ("personne", "mois", "departement", "acte", "suite")
# The length of the digest: a shorter key would be easier to guess.
KEY_BYTES = 32


class WeakKey(ValueError):
    """The key is unsafe; the message says why."""


def read_key(path: Path) -> bytes:
    """Return the key of a private file. Raises WeakKey, OSError."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WeakKey(f"d’autres que vous lisent {path} : chmod 600")
    key = path.read_bytes().strip()
    if len(key) < KEY_BYTES:
        raise WeakKey(f"la clé compte {len(key)} octets, il en faut {KEY_BYTES}")
    return key


def pseudonym(person: UUID, key: bytes) -> str:
    """Return a pseudonym: stable for one key, not reversible."""
    return hmac.new(key, person.bytes, "sha256").hexdigest()[:KEY_BYTES]


def extract(key: bytes) -> list[tuple[str, ...]]:
    """Yield every act, by pseudonym: the order reveals nothing.

    Without those who objected, or whose data are frozen (GDPR 18, 21).
    """
    limits = ProcessingLimit.objects.in_force(Processing.STATISTICS)
    free = Candidate.objects.exclude(pk__in=limits.values("candidate"))
    acts = acts_of_persons(free.values("pk"))
    return sorted((pseudonym(person, key), *cell) for cell, person in acts)


def as_csv(rows: list[tuple[str, ...]]) -> str:
    """Return the CSV for programs, without the spreadsheet mark."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([TITLES, *rows])
    return text.getvalue()
