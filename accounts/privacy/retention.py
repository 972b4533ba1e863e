"""What goes of accounts and conventions, at term or on request (V9, art. 10)."""

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Case, Model, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.articles import AgreementDocument, SignedCopy
from accounts.agreements.models.conventions import CONTACTS, Convention
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Breach, Ending
from accounts.nominations.models import Nomination
from accounts.security.tasks import forget_alerts
from accounts.signin.models import (
    BackupCode,
    BackupCodeSet,
    OpenSession,
    Passkey,
    ProvedNetwork,
    SecurityEvent,
    TotpDevice,
)
from accounts.team import actions
from accounts.users.enums import COUNTED_STATES, SuspensionReason, UserState
from accounts.users.models import (
    AccountCorrection,
    AccountHold,
    AddressChange,
    FirstAccess,
    Leave,
    User,
)
from accounts.users.refusals import validate_personal
from opus.lib import background_files
from opus.lib.dates import past_months
from opus.lib.privacy import retention
from opus.lib.privacy.models import LEGAL_HOLD
from opus.lib.privacy.personal_data import (
    Editable,
    Person,
    Retention,
    editable,
    erasure,
    kept_because,
    lifting,
    restriction,
)

# Replaces a name in columns that must not be empty.
ERASED = "nom effacé"

# Ordered by foreign keys.
GO_WITH_THE_NAMES: tuple[tuple[type[Model], str], ...] = (
    (AccountCorrection, "account"),
    (SecurityEvent, "account"),
    (AddressChange, "account"),
    (BackupCode, "code_set__user"),
    (BackupCodeSet, "user"),
    (FirstAccess, "account"),
    (Leave, "account"),
    (OpenSession, "account"),
    (ProvedNetwork, "account"),
    (Passkey, "user"),
    (TotpDevice, "user"),
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


def empties(
    rows: QuerySet[Any],
    what: str,
    way: str = "convention__",
    accounts: str = "",
    **changes: Any,
) -> None:
    """Empty these columns five years after the convention's end.

    Number, dates and digests stay.
    """

    def due() -> QuerySet[Any]:
        limit = past_months(settings.KEPT.convention).date()
        return rows.filter(**{f"{way}ends_on__lt": limit})

    def empty(pks: Sequence[Any]) -> retention.Counts:
        found = rows.model._base_manager.filter(pk__in=pks)
        return {what: found.update(**changes)}

    retention.register_purge(
        retention.Purge(Retention.CONVENTION, what, due, empty, accounts=accounts)
    )


def erases(model: type[Model], what: str, *names: str, **whose: str) -> None:
    """Replace by a word what these fields still say of a person."""
    named = reduce(or_, (~Q(**{f"{name}__in": ["", ERASED]}) for name in names))
    changes: Any = {
        name: Case(When(**{name: ""}, then=Value("")), default=Value(ERASED))
        for name in names
    }
    empties(model._base_manager.filter(named), what, **whose, **changes)


# A file that is there is emptied; its digest stays.
EMPTIED = Case(When(content__isnull=False, then=Value(b"")))


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
erases(
    Nomination,
    "nominations sans nom",
    *("first_name", "last_name", "email", "function"),
    *("opinion_by", "decision_by", "validation_by"),
    *("withdrawal_opinion_by", "withdrawal_by"),
    accounts="person",
)
empties(
    Letter.objects.exclude(html=""),
    "lettres vidées",
    html="",
    addressee=[ERASED],
    content=EMPTIED,
)
erases(Amendment, "avenants sans nom", *CONTACTS)
erases(Breach, "manquements sans texte", "facts", "other_obligation")
erases(
    Ending,
    "fins anticipées sans motif",
    *("motive", "structure_signatory", "ft_signatory"),
)
empties(
    Breach.objects.exclude(observations_file=None).exclude(observations_file=b""),
    "observations sans fichier",
    observations_file=b"",
)
erases(
    Convention,
    "conventions sans nom",
    *(f"signed_{name}" for name in CONTACTS),
    *("partner_signatory", "ft_signatory"),
    way="",
)
empties(
    AgreementDocument.objects.exclude(html=""),
    "documents de conventions vidés",
    html="",
    content=EMPTIED,
)
empties(
    SignedCopy.objects.exclude(content=b""), "exemplaires signés vidés", content=b""
)


RECTIFIED = ("first_name", "last_name", "email", "function", "phone")


@editable
def rectifiable(person: Person) -> Iterator[Editable]:
    for account in accounts_of(person):
        fields: Any = {}
        for name in RECTIFIED:
            field: Any = User._meta.get_field(name)
            fields[name] = field.formfield(help_text="")
            fields[name].widget.attrs["autocomplete"] = "off"
        fields["email"].validators.append(validate_personal)
        change = partial(actions.change_account_by_staff, account)
        title = f"Compte {account.identifier}"
        yield Editable(account, title, fields, change)


@kept_because
def why_kept(person: Person) -> str:
    if AccountHold.objects.in_force().filter(account__in=person.accounts).exists():
        return "Ces données sont conservées pour un litige (RGPD, art. 17.3)."
    if accounts_of(person).exclude(state=UserState.CLOSED).exists():
        return (
            "Ce compte est ouvert\xa0: la convention veut que son titulaire soit "
            "connu (art. 4 et 5). Faites-le d’abord fermer, ou refusez "
            "l’effacement avec ce motif."
        )
    return ""


@erasure
def erase_now(person: Person, *, by: Any, reference: str) -> retention.Counts:
    if not person.accounts:
        return {}
    with retention.deletions_allowed():
        return erase_accounts(sorted(person.accounts))


@restriction
def restrict(person: Person, *, by: Any, reference: str) -> retention.Counts:
    """Suspend the account: nobody uses nor changes it meanwhile."""
    open_ones = accounts_of(person).filter(state__in=COUNTED_STATES)
    for account in open_ones:
        actions.suspend_account(account, by=by, reason=SuspensionReason.CHECK)
    return {"comptes suspendus": len(open_ones)} if open_ones else {}


@lifting
def lift(person: Person, *, by: Any, reference: str) -> retention.Counts:
    """Reactivate what the restriction suspended: other reasons still hold."""
    suspended = [one for one in accounts_of(person) if is_restricted(one)]
    for account in suspended:
        actions.reactivate_account(account, by=by)
    return {"comptes réactivés": len(suspended)} if suspended else {}


def is_restricted(account: User) -> bool:
    """Return whether staff suspended it as ``restrict`` does."""
    step = account.suspension
    if step is None or step.by is None or not step.by.is_staff:
        return False
    return step.note.get("reason") == SuspensionReason.CHECK


def accounts_of(person: Person) -> Any:
    return User.objects.filter(pk__in=person.accounts).order_by("pk")
