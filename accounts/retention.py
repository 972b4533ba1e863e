"""Accounts closed long ago lose their names; so do the files of ended conventions.

An identifier, the steps, the dates and the decisions stay: they prove (art. 4, 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Case, Model, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import (
    AccountCorrection,
    AccountHold,
    AddressChange,
    Amendment,
    BackupCode,
    Breach,
    Convention,
    FirstAccess,
    Leave,
    Letter,
    Nomination,
    OpenSession,
    Passkey,
    SecurityEvent,
    TotpDevice,
    User,
)
from accounts.models.factors import BackupSheet
from opus.lib import retention
from opus.lib.calendar import past_months
from opus.lib.holds import not_held
from opus.lib.personal_data import Retention

# What stands where a name stood, so that what wants one still has it.
ERASED = "nom effacé"
CONTACTS = [
    f"{side}_contact{part}"
    for side in ("ft", "partner")
    for part in ("", "_email", "_phone")
]


def erase_accounts(pks: Sequence[Any]) -> retention.Counts:
    """Names, addresses and keys go; the identifier stays, and so do the steps."""
    for model, way in (
        (AccountCorrection, "account"),
        (SecurityEvent, "account"),
        (AddressChange, "account"),
        (BackupCode, "sheet__user"),
        (BackupSheet, "user"),
        (FirstAccess, "account"),
        (Leave, "account"),
        (OpenSession, "account"),
        (Passkey, "user"),
        (TotpDevice, "user"),
    ):
        retention.delete(model._base_manager.filter(**{f"{way}__in": pks}))
    erased = User.objects.filter(pk__in=pks).update(
        first_name="",
        last_name="",
        email="",
        phone="",
        function="",
        password=make_password(None),
        erased_at=timezone.now(),
    )
    return {"comptes effacés": erased}


def of_past_conventions(rows: Any, way: str = "convention__") -> QuerySet[Any]:
    """Those of conventions that ended so long ago."""
    limit = past_months(settings.KEPT.convention).date()
    past: QuerySet[Any] = rows.filter(**{f"{way}ends_on__lt": limit})
    return past


def erase(model: type[Model], names: Iterable[str], pks: Sequence[Any]) -> int:
    """Put a word where something is told of a person; what is empty stays so."""
    changes: Any = {
        name: Case(When(**{name: ""}, then=Value("")), default=Value(ERASED))
        for name in names
    }
    return model._base_manager.filter(pk__in=pks).update(**changes)


def tells(names: Iterable[str]) -> Q:
    """Whether one of these still tells of somebody."""
    told = Q()
    for name in names:
        told |= ~Q(**{f"{name}__in": ["", ERASED]})
    return told


def declare(
    model: type[Model], what: str, names: Sequence[str], way: str = "convention__"
) -> None:
    """The names that a file of a convention lets go five years after its end."""

    def due() -> QuerySet[Any]:
        return of_past_conventions(model._base_manager.filter(tells(names)), way)

    def let_go(pks: Sequence[Any]) -> retention.Counts:
        return {what: erase(model, names, pks)}

    retention.lets_go(retention.Purge(Retention.CONVENTION, what, due, let_go))


NOMINATION_NAMES = (
    "first_name",
    "last_name",
    "email",
    "function",
    "opinion_by",
    "decision_by",
    "withdrawal_opinion_by",
    "withdrawal_by",
)


def nominations_at_term() -> QuerySet[Any]:
    """Those of conventions that ended long ago; a person who is held keeps his."""
    free = not_held(AccountHold, "account", of="person")
    rows = Nomination.objects.filter(tells(NOMINATION_NAMES), free)
    return of_past_conventions(rows)


def erase_nominations(pks: Sequence[Any]) -> retention.Counts:
    return {"nominations sans nom": erase(Nomination, NOMINATION_NAMES, pks)}


def letters_at_term() -> QuerySet[Any]:
    """Their number, their dates and the print of their text stay."""
    return of_past_conventions(Letter.objects.exclude(html=""))


def empty_letters(pks: Sequence[Any]) -> retention.Counts:
    rows = Letter.objects.filter(pk__in=pks)
    rows.filter(pdf__isnull=False).update(pdf=b"")
    return {"lettres vidées": rows.update(html="", addressee=[ERASED])}


retention.lets_go(
    retention.Purge(
        Retention.ACCOUNT, "comptes effacés", User.objects.at_term, erase_accounts
    )
)
retention.lets_go(
    retention.Purge(
        Retention.CONVENTION,
        "nominations sans nom",
        nominations_at_term,
        erase_nominations,
    )
)
retention.lets_go(
    retention.Purge(
        Retention.CONVENTION, "lettres vidées", letters_at_term, empty_letters
    )
)
declare(Amendment, "avenants sans nom", CONTACTS)
declare(Breach, "manquements sans texte", ["facts"])
declare(Convention, "conventions sans nom", [f"signed_{name}" for name in CONTACTS], "")
