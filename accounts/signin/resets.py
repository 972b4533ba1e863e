"""Reset passwords, never the second factor (S8)."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.signin import actions, emails, rate_limits, reset_tokens, session_registry
from accounts.signin.emails import notify
from accounts.signin.factors import seen_from
from accounts.signin.http import AccountRequest
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.sessions import SessionEnd
from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action


def request_link(request: HttpRequest, typed: str) -> None:
    """Send a link to that identifier's or address's account.

    The same counts, entries and e-mail tasks happen in the same order for an unknown
    one: only the mailbox learns about the account (S7). Raises TooManyTries.
    """
    actions.count_try(request, rate_limits.TryKind.RESET, typed)
    with transaction.atomic():
        account = find(typed)
        entry = journal.record(Action.PASSWORD_RESET_ASKED, by=None, target=account)
        may_leave = one_more_link(account.identifier if account else typed)
        emails.reset_link.post(
            key=f"journal:{entry.pk}",
            account=account.pk if account and may_leave else 0,
            at=int(timezone.now().timestamp()),
        )


def one_more_link(identifier: str) -> bool:
    """Return whether another link may leave for that account (S8).

    The form counts what is typed, and an identifier and an address are two different
    inputs. If the form refused both after one limit, a stranger would learn that they
    are one person's (S7). So this count is never shown: beyond it, the mailbox gets
    nothing.
    """
    try:
        rate_limits.count_try(
            rate_limits.TryKind.RESET_LINK, account=identifier, address=None
        )
    except rate_limits.TooManyTries:
        return False
    return True


def find(typed: str) -> User | None:
    """Return the account of that identifier or address, unless closed."""
    word = typed.strip()
    accounts = User.objects.exclude(state=UserState.CLOSED)
    return (accounts.named(word) | accounts.filter(email__iexact=word)).first()


@transaction.atomic
def choose(request: HttpRequest, token: str, password: str) -> bool:
    """Set the password, end sessions; False if invalid."""
    account = reset_tokens.account_of(token, lock=True)
    if account is None:
        return False
    account.set_password(password)
    account.save(update_fields=["password"])
    rate_limits.unlock(account.identifier, rate_limits.TryKind.PASSWORD)
    account.open_sessions.all().end(SessionEnd.CUT)
    actions.open_session(request, account)
    record_change(account, how="lien")
    return True


def change(request: AccountRequest, old: str, new: str) -> bool:
    """Change the password; only this session stays; raise TooManyTries."""
    identifier = request.user.identifier
    this_try = actions.count_try(request, rate_limits.TryKind.PASSWORD, identifier)
    if not request.user.check_password(old):
        actions.record_failure(this_try, rate_limits.TryKind.PASSWORD, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        account = session_registry.lock(request.user)
        account.set_password(new)
        account.save(update_fields=["password"])
        session_registry.keep_only_this(request, account)
        record_change(account, how="titulaire", **seen_from(request))
    return True


def record_change(account: User, **details: Any) -> None:
    journal.record(Action.PASSWORD_CHANGED, by=account, target=account, details=details)
    notify(account, SecurityEventKind.PASSWORD, by=account)
