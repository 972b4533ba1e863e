"""Another password (S8): the second factor is still asked, other sessions end."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts import limits, open_sessions, reset_tokens, signin_actions
from accounts.emails import signin as emails
from accounts.emails.security import notify
from accounts.factors import seen_from
from accounts.http import AccountRequest
from accounts.models import SecurityEventKind, SessionEnd, User, UserState
from opus.lib import audit
from opus.lib.audit import Action


def ask(request: HttpRequest, typed: str) -> None:
    """A link for whom that identifier or address belongs to, if to anybody.

    Whoever it is, the same is counted, told and written, in the same order: what is
    said of the account is said in its mailbox alone (S7).

    Raises:
        limits.TooManyTries: what was typed, or the address, must wait.
    """
    signin_actions.take(request, limits.Door.RESET, typed)
    with transaction.atomic():
        account = find(typed)
        entry = audit.record(Action.PASSWORD_RESET_ASKED, by=None, target=account)
        may_leave = one_more_link(account.identifier if account else typed)
        emails.reset_link.post(
            key=f"journal:{entry.pk}",
            account=account.pk if account and may_leave else 0,
            at=int(timezone.now().timestamp()),
        )


def one_more_link(identifier: str) -> bool:
    """Whether another link may leave for that account (S8).

    The form counts what is typed: an identifier and an address are two words, and an
    answer that knew them for one person's would tell so to a stranger (S7). So this
    count is never an answer: beyond it, the mailbox gets nothing.
    """
    try:
        limits.take(limits.Door.RESET_LINK, account=identifier, address=None)
    except limits.TooManyTries:
        return False
    return True


def find(typed: str) -> User | None:
    """The account of that identifier or address; a closed one is nobody's."""
    word = typed.strip()
    accounts = User.objects.exclude(state=UserState.CLOSED)
    return accounts.filter(Q(identifier__iexact=word) | Q(email__iexact=word)).first()


@transaction.atomic
def choose(request: HttpRequest, token: str, password: str) -> bool:
    """Spend a link: other sessions end, the lock too; False where it is void."""
    account = reset_tokens.account_of(token, lock=True)
    if account is None:
        return False
    account.set_password(password)
    account.save(update_fields=["password"])
    limits.unlock(account.identifier, limits.Door.PASSWORD)
    account.open_sessions.all().end(SessionEnd.CUT)
    signin_actions.open_session(request, account)
    tell(account, how="lien")
    return True


def change(request: AccountRequest, old: str, new: str) -> bool:
    """This session alone stays; raise TooManyTries."""
    identifier = request.user.identifier
    this_try = signin_actions.take(request, limits.Door.PASSWORD, identifier)
    if not request.user.check_password(old):
        signin_actions.tell_refusal(limits.Door.PASSWORD, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        account = open_sessions.hold(request.user)
        account.set_password(new)
        account.save(update_fields=["password"])
        open_sessions.keep_only_this(request, account)
        tell(account, how="titulaire", **seen_from(request))
    return True


def tell(account: User, **details: Any) -> None:
    """The journal, and the holder (S11)."""
    audit.record(Action.PASSWORD_CHANGED, by=account, target=account, details=details)
    notify(account, SecurityEventKind.PASSWORD, by=account)
