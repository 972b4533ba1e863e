"""Foreign keys to an account: whose row it is, and who did something."""

from typing import Any

from django.db import models

from accounts.users.models.users import User


def account_key(
    related_name: str, on_delete: Any = models.PROTECT
) -> models.ForeignKey[User, User]:
    return models.ForeignKey(
        User, on_delete, verbose_name="compte", related_name=related_name
    )


def person_key(
    verbose_name: str = "par", **options: Any
) -> models.ForeignKey[Any, Any]:
    """Return the key of who did something, without reverse name."""
    return models.ForeignKey(
        User, models.PROTECT, verbose_name=verbose_name, related_name="+", **options
    )
