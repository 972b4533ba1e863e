"""An account's sessions, each on its device: two at once, seen and closed (S15, S16).

Once both factors have opened a session, a row of ``OpenSession`` follows it. Everything
that counts them holds the account's row locked.
"""

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import browsers, words
from accounts.emails import signin as emails
from accounts.models import OpenSession, SessionEnd, User
from accounts.models.sessions import limits_of
from accounts.session_store import digest
from accounts.sessions import row_of
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.models import AuditEntry

# Art. 5.1: an account is one person's. Two, for a desk and a meeting room (design 2.5).
SESSIONS_AT_ONCE = 2
# So many failures before a sign-in are worth a letter (S11).
FAILURES_TOLD = 5

DEVICE_COOKIE = "__Host-opus-appareil"
DEVICE_SALT = "accounts.device"
# Browsers keep no cookie longer.
DEVICE_LASTS = dt.timedelta(days=400)

# ``{helper}`` is whom the holder asks; ``{to_helper}`` the same after « à ».
WHY_ENDED = {
    SessionEnd.CAPPED: "Votre session s’est fermée : votre compte s’est connecté "
    "ailleurs, et deux sessions au plus restent ouvertes à la fois (convention, "
    "art. 5.1). Si ce n’était pas vous, changez votre mot de passe et prévenez "
    "{helper}.",
    SessionEnd.CLOSED: "Cette session a été fermée depuis une autre session de votre "
    "compte. Si ce n’était pas vous, changez votre mot de passe.",
    SessionEnd.BY_STAFF: "France Travail a fermé les sessions de votre compte. "
    "Reconnectez-vous ; si vous n’en connaissez pas la raison, demandez-la "
    "{to_helper}.",
    SessionEnd.LAPSED: "Votre session s’est fermée : elle a atteint sa durée limite.",
}


@transaction.atomic
def register(request: HttpRequest, account: User) -> OpenSession:
    """Both factors have just opened this session: it takes its place (S15, S16).

    The same device's earlier session gives way; beyond two, the oldest ends, which the
    journal tells as a sign that the account is shared. Whoever uses a device for the
    first time, or comes after many failures, gets a letter (S11).
    """
    account = hold(account)
    device = name_device(request, account)
    earlier = account.open_sessions.all()
    is_new = not earlier.filter(device=device).exists()
    is_first = account.last_login is None and not earlier.exists()
    live = earlier.live_of(account)
    live.filter(device=device).end(SessionEnd.REPLACED)
    others = list(live.order_by("began_at").values_list("pk", flat=True))
    if excess := others[: len(others) + 1 - SESSIONS_AT_ONCE]:
        earlier.filter(pk__in=excess).end(SessionEnd.CAPPED)
        audit.record(
            Action.SESSION_CAPPED,
            by=account,
            target=account,
            details={"sessions": len(others) + 1},
        )
    row = OpenSession.objects.create(
        account=account,
        key_hash=digest(request.session.session_key or ""),
        stamp=account.get_session_auth_hash(),
        device=device,
        browser=browsers.in_words(request.headers.get("user-agent", "")),
        network=browsers.network_of(audit.client_address(request)),
        began_at=timezone.now(),
        seen_at=timezone.now(),
    )
    failures = failures_before(account)
    if (is_new and not is_first) or failures >= FAILURES_TOLD:
        emails.sign_in_noticed.post(
            key=f"session:{row.pk}",
            session=str(row.pk),
            is_new=int(is_new and not is_first),
            failures=failures,
        )
    return row


def hold(account: User) -> User:
    """The account's row, locked until commit: its sessions are counted under it."""
    return User.objects.select_for_update(no_key=True).get(pk=account.pk)


def failures_before(account: User) -> int:
    """The refusals that the journal holds of this account since its last sign-in."""
    refusals = AuditEntry.objects.filter(
        action=Action.SIGN_IN_REFUSED,
        target_type=account._meta.label_lower,
        target_id=str(account.pk),
    )
    if account.last_login:
        refusals = refusals.filter(at__gt=account.last_login)
    return refusals.count()


def end(request: HttpRequest, how: SessionEnd) -> None:
    """Write the end of this request's session; the caller flushes it."""
    row_of(request.session).end(how)


@transaction.atomic
def close(account: User, rows: QuerySet[OpenSession]) -> int:
    """Its holder closes some of his sessions (S15).

    Returns:
        How many.
    """
    count = OpenSession.objects.filter(account=account, pk__in=rows.values("pk")).end(
        SessionEnd.CLOSED
    )
    if count:
        audit.record(
            Action.SESSION_CLOSED,
            by=account,
            target=account,
            details={"sessions": count},
        )
    return count


@transaction.atomic
def close_all(account: User, *, by: User) -> None:
    """France Travail closes all sessions of an account, half-open ones too (S15)."""
    account = hold(account)
    account.session_salt += 1
    account.save(update_fields=["session_salt"])
    count = account.open_sessions.end(SessionEnd.BY_STAFF)
    audit.record(
        Action.SESSION_CLOSED, by=by, target=account, details={"sessions": count}
    )


@transaction.atomic
def keep_only_this(request: HttpRequest, account: User) -> None:
    """A password or a factor has just changed: every other session is cut (S14).

    Call it once the change is saved, with the account as it now is. Where it is a
    factor that changed, raise ``session_salt`` with it: that is what cuts a session
    that has the password alone.
    """
    session = request.session
    here = digest(session.session_key or "")
    account.open_sessions.exclude(key_hash=here).end(SessionEnd.CUT)
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    account.open_sessions.filter(key_hash=here).update(stamp=session[HASH_SESSION_KEY])
    session.cycle_key()


def why_ended(request: HttpRequest) -> str:
    """What to say to somebody whose cookie opens nothing any more; often nothing."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or request.session.session_key:
        return ""
    rows = OpenSession.objects.filter(key_hash=digest(key)).select_related("account")
    row = rows.first()
    if row is None:
        return ""
    if row.ended_at is None:
        # Nobody wrote its end: the account has changed, or Django's row has expired.
        _, whole = limits_of(row.account)
        has_lapsed = timezone.now() - row.began_at > whole
        row.how = SessionEnd.LAPSED if has_lapsed else SessionEnd.CUT
        rows.end(SessionEnd(row.how))
    how = SessionEnd(row.how)
    if how == SessionEnd.CUT:
        return words.why_cut(row)
    helper = words.helper_of(row.account)
    sentence = WHY_ENDED.get(how, "")
    return sentence.format(helper=helper, to_helper=words.to(helper))


# --- The device -----------------------------------------------------------------------


def name_device(request: Any, account: User) -> str:
    """The HMAC of this browser's name; a browser without one gets one.

    The name means nothing, and each account knows the device by another HMAC of it.
    """
    name = request.get_signed_cookie(
        DEVICE_COOKIE, None, salt=DEVICE_SALT, max_age=DEVICE_LASTS
    )
    request.device_name = name or secrets.token_urlsafe(16)
    return salted_hmac(
        DEVICE_SALT, f"{account.pk}:{request.device_name}", algorithm="sha256"
    ).hexdigest()


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Leave its name with a browser that has just signed in."""
    if name := getattr(request, "device_name", None):
        response.set_signed_cookie(
            DEVICE_COOKIE,
            name,
            salt=DEVICE_SALT,
            max_age=DEVICE_LASTS,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
