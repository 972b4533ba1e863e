"""Erase names at term; identifiers, steps, dates, decisions stay."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Case, Model, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.agreements.articles.models import AgreementDocument, SignedCopy
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.breaches import Breach
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Ending
from accounts.agreements.models.terms import CONTACTS
from accounts.nominations.models import Nomination
from accounts.security.tasks import forget_alerts
from accounts.signin.models import factors
from accounts.signin.models.access_changes import SecurityEvent
from accounts.signin.models.sessions import OpenSession, ProvedNetwork
from accounts.users.models.absences import Leave
from accounts.users.models.addresses import AddressChange
from accounts.users.models.first_access import FirstAccess
from accounts.users.models.privacy import AccountCorrection, AccountHold
from accounts.users.models.users import User
from opus.lib import background_files
from opus.lib.dates import past_months
from opus.lib.privacy import retention
from opus.lib.privacy.legal_holds import LEGAL_HOLD
from opus.lib.privacy.personal_data import Retention

# Replaces a name in columns that must not be empty.
ERASED = "nom effacé"

# Ordered by foreign keys.
GO_WITH_THE_NAMES: tuple[tuple[type[Model], str], ...] = (
    (AccountCorrection, "account"),
    (SecurityEvent, "account"),
    (AddressChange, "account"),
    (factors.BackupCode, "code_set__user"),
    (factors.BackupCodeSet, "user"),
    (FirstAccess, "account"),
    (Leave, "account"),
    (OpenSession, "account"),
    (ProvedNetwork, "account"),
    (factors.Passkey, "user"),
    (factors.TotpDevice, "user"),
)


def erase_accounts(pks: Sequence[Any]) -> retention.Counts:
    """Erase names, addresses and keys; identifier and steps stay."""
    counts = {}
    for model, way in GO_WITH_THE_NAMES:
        gone = retention.delete(model._base_manager.filter(**{f"{way}__in": pks}))
        counts[str(model._meta.verbose_name_plural)] = gone
    erased = User.objects.filter(pk__in=pks).update(
        first_name="",
        last_name="",
        email="",
        phone="",
        function="",
        password=make_password(None),
        erased_at=timezone.now(),
    )
    counts = {what: number for what, number in counts.items() if number}
    return {"comptes effacés": erased, **counts}


def of_past_conventions(rows: Any, way: str = "convention__") -> Any:
    limit = past_months(settings.KEPT.convention).date()
    return rows.filter(**{f"{way}ends_on__lt": limit})


def erase(model: type[Model], names: Iterable[str], pks: Sequence[Any]) -> int:
    """Replace non-empty personal fields by a word."""
    changes: Any = {
        name: Case(When(**{name: ""}, then=Value("")), default=Value(ERASED))
        for name in names
    }
    return model._base_manager.filter(pk__in=pks).update(**changes)


def declare(
    model: type[Model],
    what: str,
    names: Sequence[str],
    way: str = "convention__",
    accounts: str = "",
) -> None:
    """Erase these fields five years after the convention's end."""

    # Rows that still have personal data in these fields.
    named = reduce(or_, (~Q(**{f"{name}__in": ["", ERASED]}) for name in names))

    def due() -> QuerySet[Any]:
        return of_past_conventions(model._base_manager.filter(named), way)

    def erase_names(pks: Sequence[Any]) -> retention.Counts:
        return {what: erase(model, names, pks)}

    retention.register_purge(
        retention.Purge(Retention.CONVENTION, what, due, erase_names, accounts=accounts)
    )


NOMINATION_NAMES = (
    "first_name",
    "last_name",
    "email",
    "function",
    "opinion_by",
    "decision_by",
    "validation_by",
    "withdrawal_opinion_by",
    "withdrawal_by",
)


# A file that is there is emptied; its digest stays.
EMPTIED = Case(When(content__isnull=False, then=Value(b"")))


def empties(rows: QuerySet[Any], what: str, **changes: Any) -> None:
    """Empty these columns at term; number, dates and digests stay."""

    def due() -> QuerySet[Any]:
        return of_past_conventions(rows.all())

    def empty(pks: Sequence[Any]) -> retention.Counts:
        found = rows.model._base_manager.filter(pk__in=pks)
        return {what: found.update(**changes)}

    retention.register_purge(retention.Purge(Retention.CONVENTION, what, due, empty))


retention.keeps(retention.Keeper(LEGAL_HOLD, accounts=AccountHold.objects.in_force))


def sessions_at_term() -> retention.Counts:
    over = Session.objects.filter(expire_date__lt=timezone.now())
    return {
        "sessions terminées": OpenSession.objects.at_term().count(),
        "réseaux habituels échus": ProvedNetwork.objects.at_term().count(),
        "cookies de session échus": over.count(),
    }


def files_at_term() -> retention.Counts:
    counts: retention.Counts = {}
    for rows in background_files.expired():
        counts |= retention.deleted(rows)
    return counts


retention.purged_by(
    retention.Job(Retention.JOURNAL, "purge-alerts", retention.rehearsed(forget_alerts))
)
retention.purged_by(retention.Job(Retention.SIGN_IN, "tidy-sessions", sessions_at_term))
retention.purged_by(
    retention.Job(
        Retention.FILES, "delete-expired-files", retention.rehearsed(files_at_term)
    )
)
retention.register_purge(
    retention.Purge(
        Retention.ACCOUNT,
        "comptes effacés",
        User.objects.at_term,
        erase_accounts,
        accounts="pk",
    )
)
declare(Nomination, "nominations sans nom", NOMINATION_NAMES, accounts="person")
empties(
    Letter.objects.exclude(html=""),
    "lettres vidées",
    html="",
    addressee=[ERASED],
    content=EMPTIED,
)
declare(Amendment, "avenants sans nom", CONTACTS)
declare(Breach, "manquements sans texte", ["facts", "other_obligation"])
declare(
    Ending,
    "fins anticipées sans motif",
    ["motive", "structure_signatory", "ft_signatory"],
)
empties(
    Breach.objects.exclude(observations_file=None).exclude(observations_file=b""),
    "observations sans fichier",
    observations_file=b"",
)
CONVENTION_NAMES = (
    *(f"signed_{name}" for name in CONTACTS),
    "partner_signatory",
    "ft_signatory",
)
declare(Convention, "conventions sans nom", CONVENTION_NAMES, "")
empties(
    AgreementDocument.objects.exclude(html=""),
    "documents de conventions vidés",
    html="",
    content=EMPTIED,
)
empties(
    SignedCopy.objects.exclude(content=b""), "exemplaires signés vidés", content=b""
)
