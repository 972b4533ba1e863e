"""Store sessions in PostgreSQL, under a hash of the cookie.

A reader of the table, or of a copy, cannot use a session: the hash is keyed. Opus can
end a session by its hash, without knowing the key (S13, S15).

Opus is served by threads: the store's asynchronous methods are not adapted.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.signin.models.sessions import OpenSession
from opus.lib.database.compiled_query import planned_rows

# As long as the column of Django's table: 160 bits.
LENGTH = 40


def digest(key: str) -> str:
    """Return the hash stored for a session key."""
    return salted_hmac("accounts.session", key, algorithm="sha256").hexdigest()[:LENGTH]


class SessionStore(DatabaseStore):
    """Django's store, without any key in clear."""

    def load(self) -> dict[str, Any]:
        rows = planned_rows(
            "SELECT session_data FROM django_session"
            " WHERE session_key = %s AND expire_date > %s",
            [digest(self.session_key or ""), timezone.now()],
        )
        if rows:
            data: dict[str, Any] = self.decode(rows[0][0])
            return data
        self.flush()  # Never use a key that somebody else chose.
        return {}

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def cycle_key(self) -> None:
        """Change the id (S13); the session's row follows."""
        row = OpenSession.objects.filter(key_hash=digest(self.session_key or ""))
        super().cycle_key()
        row.update(key_hash=digest(self.session_key or ""))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))
