"""Sessions by device, two at once (S15, S16)."""

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

from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.signin import emails, user_agents
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.sessions import OpenSession, SessionEnd, limits_of
from accounts.signin.session_store import digest
from accounts.users import account_texts
from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry

# Art. 5.1: an account is one person's. Two, for a desk and a meeting room (design 2.5).
SESSIONS_AT_ONCE = 2
# This many failures before a sign-in cause an e-mail (S11).
FAILURES_TOLD = 5

DEVICE_COOKIE = "__Host-opus-appareil"
DEVICE_SALT = "accounts.device"
# Browsers do not keep cookies longer.
DEVICE_LASTS = dt.timedelta(days=400)

# ``{helper}`` is the holder's contact; ``{to_helper}`` the same after « à ».
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

NEW_FACTORS = "les seconds facteurs de votre compte ont changé"
CHANGED = {
    SecurityEventKind.PASSWORD: "le mot de passe de votre compte a changé",
    SecurityEventKind.FACTOR_ADDED: NEW_FACTORS,
    SecurityEventKind.FACTOR_REMOVED: NEW_FACTORS,
    SecurityEventKind.FACTORS_RESET: NEW_FACTORS,
    SecurityEventKind.BACKUP_CODES: NEW_FACTORS,
}


@transaction.atomic
def register(request: HttpRequest, account: User) -> OpenSession:
    """Register a session that both factors just opened (S15, S16).

    It replaces the same device's session; beyond two, the oldest ends, and the journal
    records a sign of sharing. A new device, or many failures before, send an e-mail
    (S11).
    """
    account = lock(account)
    device = name_device(request, account)
    earlier = account.open_sessions.all()
    is_new = not earlier.filter(device=device).exists()
    is_first = account.last_login is None and not earlier.exists()
    live = earlier.live_of(account)
    live.filter(device=device).end(SessionEnd.REPLACED)
    others = list(live.order_by("began_at").values_list("pk", flat=True))
    if excess := others[: len(others) + 1 - SESSIONS_AT_ONCE]:
        earlier.filter(pk__in=excess).end(SessionEnd.CAPPED)
        details = {"sessions": len(others) + 1}
        journal.record(
            Action.SESSION_CAPPED, by=account, target=account, details=details
        )
    row = OpenSession.objects.create(
        account=account,
        key_hash=digest(request.session.session_key or ""),
        stamp=account.get_session_auth_hash(),
        device=device,
        browser=user_agents.in_words(request.headers.get("user-agent", "")),
        network=user_agents.network_of(journal.client_address(request)),
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


def lock(account: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=account.pk)


def failures_before(account: User) -> int:
    """Count refusals in the journal since the last sign-in."""
    refusals = AuditEntry.objects.filter(
        action=Action.SIGN_IN_REFUSED,
        target_type=account._meta.label_lower,
        target_id=str(account.pk),
    )
    if account.last_login:
        refusals = refusals.filter(at__gt=account.last_login)
    return refusals.count()


@transaction.atomic
def close(account: User, rows: QuerySet[OpenSession]) -> int:
    """Close some of one's own sessions (S15); return how many."""
    count = OpenSession.objects.filter(account=account, pk__in=rows.values("pk")).end(
        SessionEnd.CLOSED
    )
    if count:
        details = {"sessions": count}
        journal.record(
            Action.SESSION_CLOSED, by=account, target=account, details=details
        )
    return count


@transaction.atomic
def close_all(account: User, *, by: User | None) -> None:
    """Close all sessions, half-open ones too (S15); without ``by``: by a link."""
    account = lock(account)
    account.session_salt += 1
    account.save(update_fields=["session_salt"])
    how = SessionEnd.BY_STAFF if by else SessionEnd.CUT
    count = account.open_sessions.end(how)
    journal.record(
        Action.SESSION_CLOSED, by=by, target=account, details={"sessions": count}
    )


@transaction.atomic
def keep_only_this(request: HttpRequest, account: User) -> None:
    """End all other sessions after a change of access (S14).

    Call it after saving the account. For a factor, change ``session_salt`` too: it ends
    the sessions with the password alone.
    """
    session = request.session
    here = digest(session.session_key or "")
    account.open_sessions.exclude(key_hash=here).end(SessionEnd.CUT)
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    account.open_sessions.filter(key_hash=here).update(stamp=session[HASH_SESSION_KEY])
    session.cycle_key()


def why_ended(request: HttpRequest) -> str:
    """Return why a cookie no longer works; often ""."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or request.session.session_key:
        return ""
    rows = OpenSession.objects.filter(key_hash=digest(key)).select_related("account")
    row = rows.first()
    if row is None:
        return ""
    if row.ended_at is None:
        # No end was recorded: the account changed, or Django's row expired.
        _, whole = limits_of(row.account)
        has_lapsed = timezone.now() - row.began_at > whole
        row.how = SessionEnd.LAPSED if has_lapsed else SessionEnd.CUT
        rows.end(SessionEnd(row.how))
    how = SessionEnd(row.how)
    if how == SessionEnd.CUT:
        return why_cut(row)
    helper = account_texts.helper_of(row.account)
    sentence = WHY_ENDED.get(how, "")
    return sentence.format(helper=helper, to_helper=account_texts.to(helper))


def why_cut(row: OpenSession) -> str:
    """Name the last change that ended this session."""
    account, since = row.account, row.began_at
    helper = account_texts.helper_of(account)
    causes: list[tuple[dt.datetime, str, bool]] = [
        (event.at, CHANGED[SecurityEventKind(event.kind)], True)
        for event in account.security_events.filter(kind__in=CHANGED, at__gte=since)
    ]
    for step in account.steps.filter(target=UserState.SUSPENDED, at__gte=since):
        was = "votre compte a été suspendu"
        what = f"{was}, puis réactivé" if account.is_active else was
        causes.append((step.at, what, False))
    # An office that goes on in the next convention changes nothing (art. 13).
    offices = Nomination.objects.filter(
        person=account,
        steps__origin=NominationState.ACCEPTED,
        steps__target=NominationState.IN_OFFICE,
        steps__at__gte=since,
    )
    for at in offices.values_list("steps__at", flat=True):
        what = "vous êtes maintenant responsable de gestion des comptes (RGC)"
        causes.append((at, what, False))
    if not causes:
        return (
            "Votre session s’est fermée : l’accès à votre compte a changé. "
            "Reconnectez-vous ; si vous n’en connaissez pas la raison, demandez-la "
            f"{account_texts.to(helper)}."
        )
    _, what, is_worrying = max(causes)
    what_next = (
        f"Si ce n’était pas vous, prévenez sans attendre {helper}."
        if is_worrying
        else "Reconnectez-vous."
    )
    return f"Votre session s’est fermée : {what}. {what_next}"


# --- The device -----------------------------------------------------------------------


def name_device(request: Any, account: User) -> str:
    """Return the HMAC of the browser's random name, per account."""
    name = request.get_signed_cookie(
        DEVICE_COOKIE, None, salt=DEVICE_SALT, max_age=DEVICE_LASTS
    )
    request.device_name = name or secrets.token_urlsafe(16)
    return salted_hmac(
        DEVICE_SALT, f"{account.pk}:{request.device_name}", algorithm="sha256"
    ).hexdigest()


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Set the device cookie after a sign-in."""
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
