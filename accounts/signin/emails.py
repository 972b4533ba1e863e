"""E-mails about sign-ins, factors and changes of access (S8-S11).

No e-mail has both a secret and an identifier (S9). A change of access goes to every
address of the last 30 days, with a link that suspends the account: a new address does
not hide the change (ADR 8).
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.signin import rate_limits, reset_tokens
from accounts.signin.models import FactorReset, OpenSession, SecurityEvent
from accounts.signin.models import SecurityEventKind as Kind
from accounts.users import account_texts
from accounts.users.account_texts import (
    CORRESPONDENT,
    checker_of,
    helper_of,
    why_only_france_travail,
)
from accounts.users.enums import Role, UserState
from accounts.users.models import AddressChange, User, address_since, recent_addresses
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Item, button

# Template and subject of each change of access.
CHANGES = {
    Kind.ADDRESS: ("address_changed", "l’adresse de votre compte a changé"),
    Kind.FACTOR_ADDED: ("factor_added", "un second facteur a été ajouté"),
    Kind.FACTOR_REMOVED: ("factor_removed", "un second facteur a été supprimé"),
    Kind.BACKUP_CODES: (
        "backup_codes_drawn",
        "vos codes de secours ont été renouvelés",
    ),
    Kind.FACTORS_RESET: (
        "factor_reset_done",
        "vos seconds facteurs ont été remis à zéro",
    ),
    Kind.FIRST_ACCESS: (
        "first_access_renewed",
        "un nouveau premier accès a été préparé",
    ),
    Kind.PASSWORD: ("password_changed", "votre mot de passe a changé"),
    Kind.RESET_LINK: ("reset_link_asked", "un nouveau mot de passe a été demandé"),
}


def notify(
    account: User,
    kind: Kind,
    *,
    by: User | None,
    change: AddressChange | None = None,
    in_own_letter: bool = False,
) -> SecurityEvent:
    """E-mail every recent address; ``in_own_letter``: except the current one."""
    event = SecurityEvent.objects.create(
        account=account, kind=kind, by=by, address_change=change
    )
    for since in [*recent_addresses(account)][int(in_own_letter) :]:
        security_event.post(key=f"{event.pk}:{since}", event=event.pk, since=since)
    return event


@outbox.mail("security-event")
def security_event(*, event: int, since: int) -> EmailMessage | None:
    """Build the notice for one address (see ``recent_addresses``)."""
    events = SecurityEvent.objects.select_related("account", "by", "address_change")
    row = events.get(pk=event)
    account = row.account
    to = address_since(account, since)
    if row.stopped_at or not to:
        return None
    name, subject = CHANGES[Kind(row.kind)]
    can_stop = account.state != UserState.CLOSED
    is_by_rgc = row.by is not None and row.by.role == Role.RGC
    return outbox.compose_email(
        to=to,
        subject=subject,
        template=f"accounts/signin/emails/{name}.txt",
        context={
            "event": row,
            "can_stop": can_stop,
            "helper": CORRESPONDENT if is_by_rgc else helper_of(account),
            "is_former": since != row.address_change_id,
        },
        button=Button("Protéger mon compte", stop_url(row)) if can_stop else None,
    )


def stop_url(event: SecurityEvent) -> str:
    return outbox.link(reverse("account_safety", args=[event.stop_token]))


def stop_item(event: SecurityEvent) -> Item:
    """Return the stop link, for e-mails with another button."""
    return Item(
        "Ce n’est pas vous ?",
        "Protégez votre compte par ce lien : il fonctionne sans vous connecter.",
        stop_url(event),
    )


@outbox.mail("account-secured")
def account_secured(*, event: int, since: int) -> EmailMessage | None:
    """Confirm the suspension to one address of the holder."""
    row = SecurityEvent.objects.select_related("account").get(pk=event)
    to = address_since(row.account, since)
    if not to:
        return None
    return outbox.compose_email(
        to=to,
        subject="votre compte est en sécurité",
        template="accounts/signin/emails/account_secured.txt",
        context={"event": row, "checker": checker_of(row.account)},
    )


@outbox.mail("account-secured-to-check")
def account_secured_to_check(*, event: int, to: int, back: int) -> EmailMessage | None:
    """Request a check; ``back``: 1 if the former address returned."""
    row = SecurityEvent.objects.select_related("account__structure", "by").get(pk=event)
    reader = User.objects.get(pk=to)
    account = row.account
    if account.state != UserState.SUSPENDED or not reader.is_active:
        return None
    path = reverse("account", args=[account.public_id])
    if reader.is_staff:
        path = reverse("admin:accounts_user_change", args=[account.pk])
    return outbox.compose_email(
        to=reader.email,
        subject="un compte a été mis en sécurité par son titulaire",
        template="accounts/signin/emails/account_secured_to_check.txt",
        context={
            "event": row,
            "account": account,
            "is_back": bool(back),
            "is_reserved": bool(why_only_france_travail(account)),
        },
        button=button("Voir ce compte", path),
    )


# --- Second factors -----------------------------------------------------------------


@outbox.mail("backup-code-used")
def backup_code_used(*, account: int) -> EmailMessage | None:
    user = User.objects.get(pk=account)
    return outbox.compose_email(
        to=user.email,
        subject="un code de secours a été utilisé",
        template="accounts/signin/emails/backup_code_used.txt",
        context={"backup": user.backup_codes, "helper": helper_of(user)},
        button=button("Voir mes seconds facteurs", "profile"),
    )


@outbox.mail("factor-reset-asked")
def factor_reset_asked(*, reset: int, since: int) -> EmailMessage | None:
    """Announce the reset, with a stop link (S10); ``since``: ``recent_addresses``."""
    pending = FactorReset.objects.select_related("account").get(pk=reset)
    to = address_since(pending.account, since)
    if pending.is_over or not to:
        return None
    return outbox.compose_email(
        to=to,
        subject="vos seconds facteurs vont être remis à zéro",
        template="accounts/signin/emails/factor_reset_asked.txt",
        context={"reset": pending},
        button=button(
            "Ce n’est pas moi : tout arrêter", "factor_reset_stop", pending.stop_token
        ),
    )


@outbox.mail("factor-reset-stopped")
def factor_reset_stopped(*, reset: int) -> EmailMessage | None:
    """Notify the requester: somebody may have used the holder's name."""
    stopped = FactorReset.objects.select_related("asked_by").get(pk=reset)
    return outbox.compose_email(
        to=stopped.asked_by.email,
        subject="une remise à zéro a été arrêtée par la personne",
        template="accounts/signin/emails/factor_reset_stopped.txt",
        context={"reset": stopped},
    )


# --- Sign-ins and passwords ---------------------------------------------------------


@outbox.mail("sign-in-noticed")
def sign_in_noticed(*, session: str, is_new: int, failures: int) -> EmailMessage | None:
    """Announce a sign-in: new device, or many failures before."""
    row = OpenSession.objects.select_related("account").filter(pk=session).first()
    if row is None:
        return None
    subject = (
        "connexion depuis un nouvel appareil"
        if is_new
        else "connexion après plusieurs essais manqués"
    )
    return outbox.compose_email(
        to=row.account.email,
        subject=subject,
        template="accounts/signin/emails/sign_in_noticed.txt",
        context={
            "row": row,
            "is_new": is_new,
            "failures": failures if failures > 1 else 0,
            "helper": helper_of(row.account),
        },
        button=button("Voir mes sessions", "sessions"),
    )


@outbox.mail("locked-out")
def locked_out(*, account: int, kind: str, at: int) -> EmailMessage | None:
    """Announce the tenth failure in a row, when it locks the account.

    ``account`` is 0 if no account has the typed identifier, as in ``reset_link``.
    """
    person = User.objects.exclude(state=UserState.CLOSED).filter(pk=account).first()
    if person is None:
        return None
    return outbox.compose_email(
        to=person.email,
        subject="dix essais manqués sur votre compte",
        template="accounts/signin/emails/locked_out.txt",
        context={
            "kind": kind,
            "at": dt.datetime.fromtimestamp(at, dt.UTC),
            "until": dt.datetime.fromtimestamp(at, dt.UTC) + rate_limits.LOCK_LASTS,
            "helper": helper_of(person),
        },
        button=button("Choisir un nouveau mot de passe", "password_forgotten")
        if kind in {rate_limits.TryKind.PASSWORD, rate_limits.TryKind.CODE}
        else None,
    )


@outbox.mail("reset-link")
def reset_link(*, account: int, at: int) -> EmailMessage | None:
    """Send the reset link, else whom to contact.

    ``account`` is 0 if no account has the typed identifier: the same row costs the same
    work (S7). An hour late, nothing is sent; so the event and the notices to former
    addresses are written here.
    """
    people = User.objects.exclude(state=UserState.CLOSED).with_factor()
    person: Any = people.filter(pk=account).first()
    age = timezone.now() - dt.datetime.fromtimestamp(at, dt.UTC)
    if person is None or age.total_seconds() > settings.PASSWORD_RESET_TIMEOUT:
        return None
    context = {
        "helper": helper_of(person),
        "whom": account_texts.to(helper_of(person)),
        "state_in_words": account_texts.why_inactive(person),
        "person": person,
    }
    if person.state == UserState.ACTIVE and person.has_factor:
        token = reset_tokens.make(person)
        event = notify(person, Kind.RESET_LINK, by=None, in_own_letter=True)
        return outbox.compose_email(
            to=person.email,
            subject="choisir un nouveau mot de passe",
            template="accounts/signin/emails/reset_link.txt",
            context=context,
            button=button(
                "Choisir un nouveau mot de passe", "password_reset_link", token
            ),
            items=[stop_item(event)],
        )
    return outbox.compose_email(
        to=person.email,
        subject="votre demande de mot de passe",
        template="accounts/signin/emails/reset_impossible.txt",
        context=context,
    )
