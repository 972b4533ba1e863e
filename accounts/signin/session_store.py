"""Where sessions are kept: in PostgreSQL, under a keyed hash of what the cookie holds.

Whoever reads the table, or a copy of it, cannot take a session over; and a session can
be ended by whoever knows its hash, without ever knowing the key (S13, S15).

Opus is served by threads: the store's asynchronous methods are not adapted.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.signin.models.sessions import OpenSession

# As long as the column of Django's table: 160 bits.
LENGTH = 40


def digest(key: str) -> str:
    """What stands in the table for the session of that key."""
    return salted_hmac("accounts.session", key, algorithm="sha256").hexdigest()[:LENGTH]


class SessionStore(DatabaseStore):
    """Django's own store, that never writes a key in clear."""

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM django_session"
                " WHERE session_key = %s AND expire_date > %s",
                [digest(self.session_key or ""), timezone.now()],
            )
            row = cursor.fetchone()
        if row:
            data: dict[str, Any] = self.decode(row[0])
            return data
        self.flush()  # A key that somebody else chose is never used.
        return {}

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def cycle_key(self) -> None:
        """A new id (S13): the old one is dead, the session's row follows."""
        row = OpenSession.objects.filter(key_hash=digest(self.session_key or ""))
        super().cycle_key()
        row.update(key_hash=digest(self.session_key or ""))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))
