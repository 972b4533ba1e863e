"""Find the account of an identifier and a password."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from accounts.signin.models import CharterAcceptance, ProvedNetwork
from accounts.signin.second_factor import confirmed_factors
from accounts.users.models import Leave, User
from opus.lib.database.queries import VALUE, CompiledQuery

# Values that upper apps need on each page, by attribute of the account. The account's
# query loads them, so they cost no query of their own.
ASKED_ALONG: dict[str, Any] = {}


class IdentifierBackend(BaseBackend):
    """Check both; an unknown identifier costs one hash too (S7)."""

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
        """Return the account with gates; None if suspended or closed."""
        accounts = accounts_with_gates(settings.CHARTER_VERSION, timezone.localdate())
        user = accounts.row(user_id)
        return user if user and user.is_active else None


@lru_cache(maxsize=1)
def accounts_with_gates(version: str, day: dt.date) -> CompiledQuery[User]:
    """Return accounts with a day's gates and charter version."""
    accepted = CharterAcceptance.objects.filter(account=OuterRef("pk"), version=version)
    away = Leave.objects.long().covering(day).filter(account=OuterRef("pk"))
    habits = ProvedNetwork.objects.habits(day).filter(account=OuterRef("pk"))
    accounts = User.objects.filter(pk=VALUE).order_by()
    return CompiledQuery(
        accounts.annotate(
            accepted_charter=Exists(accepted),
            habits=ArraySubquery(habits.values("network")),
            long_leave_until=Subquery(away.values("ends_on")[:1]),
            **confirmed_factors(),
            **ASKED_ALONG,
        ),
        related="structure",
    )
