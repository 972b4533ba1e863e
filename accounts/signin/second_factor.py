"""The factor that verified a session (S2).

The account's query reads which factors are confirmed: no page pays a query for it.
"""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device

from accounts.signin.models.factors import BackupCodeSet, Passkey, TotpDevice

MODELS: tuple[Any, ...] = (Passkey, TotpDevice, BackupCodeSet)
KINDS = {model.model_label(): model for model in MODELS}


def confirmed_factors() -> dict[str, ArraySubquery]:
    """Return what ``check`` reads, by attribute of the account."""
    return {
        attribute_of(model): ArraySubquery(
            model.objects.filter(user=OuterRef("pk"), confirmed=True).values("pk")
        )
        for model in MODELS
    }


def attribute_of(model: Any) -> str:
    return f"confirmed_{model._meta.model_name}"


def verify(request: Any, factor: Device) -> None:
    """Note in the session that this factor verified it."""
    request.session[DEVICE_ID_SESSION_KEY] = factor.persistent_id
    request.user.verified_by = factor.persistent_id


def check(request: Any) -> None:
    """Set ``verified_by``, if that factor is confirmed and the account's own."""
    user, noted = request.user, request.session.get(DEVICE_ID_SESSION_KEY, "")
    kind, _, number = noted.partition("/")
    if not user.is_authenticated or kind not in KINDS or not number.isdecimal():
        return
    if int(number) in getattr(user, attribute_of(KINDS[kind])):
        user.verified_by = noted
