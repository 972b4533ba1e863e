"""Who an identifier and a password belong to."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from accounts.signin.models.charter import CharterAcceptance
from accounts.users.models.absences import Leave
from accounts.users.models.users import User
from opus.lib.database.compiled_query import VALUE, CompiledQuery

# What upper apps want to know on each page, by the name of the account's attribute: it
# is asked along with the account, and costs no query of its own.
ASKED_ALONG: dict[str, Any] = {}


class IdentifierBackend(BaseBackend):
    """Identifier and password. An unknown identifier costs one hash too (S7)."""

    def authenticate(
        self,
        request: HttpRequest | None,
        identifier: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if identifier is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(identifier)
        except User.DoesNotExist:
            make_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """None once suspended or closed; annotated for the gates."""
        accounts = accounts_with_gates(settings.CHARTER_VERSION, timezone.localdate())
        user = accounts.row(user_id)
        return user if user and user.is_active else None


@lru_cache(maxsize=1)
def accounts_with_gates(version: str, day: dt.date) -> CompiledQuery[User]:
    """An account as the gates of that day see it, under that version of the charter."""
    accepted = CharterAcceptance.objects.filter(account=OuterRef("pk"), version=version)
    away = Leave.objects.long().covering(day).filter(account=OuterRef("pk"))
    accounts = User.objects.filter(pk=VALUE).order_by()
    return CompiledQuery(
        accounts.annotate(
            accepted_charter=Exists(accepted),
            long_leave_until=Subquery(away.values("ends_on")[:1]),
            **ASKED_ALONG,
        ),
        related="structure",
    )
