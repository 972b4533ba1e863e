"""Words that found nothing, seen by staff once three accounts typed them.

Until then only keyed hashes of words and account are stored.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.users.models.users import User
from offers.reference.communes_in_memory import plain
from offers.search.criteria import Criteria
from offers.search.models import Miss, MissedWord
from opus.lib.text_guard.guard import look

ACCOUNTS = 3
KEPT = dt.timedelta(days=30)
LONGEST = 80
# Stores a miss once an account; returns how many accounts had it. The row written here
# is not seen by the count beside it.
COUNTED = """
WITH added AS (
    INSERT INTO offers_miss (words_hash, account_hash) VALUES (%s, %s)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM added) + count(*) FROM offers_miss WHERE words_hash = %s
"""


def hashed(kind: str, text: str) -> bytes:
    return salted_hmac(
        f"offers.search.misses.{kind}", text, algorithm="sha256"
    ).digest()


def note_miss(criteria: Criteria, *, by: User) -> None:
    """Count words that found nothing; store them for three accounts."""
    words = plain(criteria.words)
    if not words or len(words) > LONGEST:
        return
    words_hash = hashed("words", words)
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [words_hash, hashed("account", str(by.pk)), words_hash])
        (accounts,) = cursor.fetchone()
    # The guard reads what was typed: a telephone number loses digits to departments.
    if accounts < ACCOUNTS or look(criteria.words) or look(criteria.typed):
        return
    today = timezone.localdate()
    MissedWord.objects.update_or_create(words=words, defaults={"on": today})
    Miss.objects.filter(words_hash=words_hash).delete()


def forget_misses() -> None:
    """Delete words and hashes of more than 30 days."""
    before = timezone.localdate() - KEPT
    MissedWord.objects.filter(on__lt=before).delete()
    Miss.objects.filter(on__lt=before).delete()
