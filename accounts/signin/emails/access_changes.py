"""E-mails about changes of access to an account (S11, ADR 8).

Each goes to every address of the last 30 days, with a link that suspends the account:
a new address does not hide the change.
"""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.signin.models.access_changes import SecurityEvent, SecurityEventKind
from accounts.users.contacts import CORRESPONDENT, checker_of, helper_of
from accounts.users.enums import Role, UserState
from accounts.users.models.addresses import (
    AddressChange,
    address_since,
    recent_addresses,
)
from accounts.users.models.users import User
from accounts.users.reactivation import only_france_travail_reactivates
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Item

# Kind → subject and template.
LETTERS = {
    SecurityEventKind.ADDRESS: (
        "l’adresse de votre compte a changé",
        "accounts/signin/emails/address_changed.txt",
    ),
    SecurityEventKind.FACTOR_ADDED: (
        "un second facteur a été ajouté",
        "accounts/signin/emails/factor_added.txt",
    ),
    SecurityEventKind.FACTOR_REMOVED: (
        "un second facteur a été supprimé",
        "accounts/signin/emails/factor_removed.txt",
    ),
    SecurityEventKind.BACKUP_CODES: (
        "vos codes de secours ont été renouvelés",
        "accounts/signin/emails/backup_codes_drawn.txt",
    ),
    SecurityEventKind.FACTORS_RESET: (
        "vos seconds facteurs ont été remis à zéro",
        "accounts/signin/emails/factor_reset_done.txt",
    ),
    SecurityEventKind.FIRST_ACCESS: (
        "un nouveau premier accès a été préparé",
        "accounts/signin/emails/first_access_renewed.txt",
    ),
    SecurityEventKind.PASSWORD: (
        "votre mot de passe a changé",
        "accounts/signin/emails/password_changed.txt",
    ),
    SecurityEventKind.RESET_LINK: (
        "un nouveau mot de passe a été demandé",
        "accounts/signin/emails/reset_link_asked.txt",
    ),
}
STOP = "Protéger mon compte"


def notify(
    account: User,
    kind: SecurityEventKind,
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
    subject, template = LETTERS[SecurityEventKind(row.kind)]
    can_stop = account.state != UserState.CLOSED
    return outbox.compose_email(
        to=to,
        subject=subject,
        template=template,
        context={
            "event": row,
            "can_stop": can_stop,
            "helper": helper_against(row),
            "is_former": since != row.address_change_id,
        },
        button=Button(STOP, stop_url(row)) if can_stop else None,
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
    """Request a check; ``back`` is 1 if the former address returned."""
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
            "is_reserved": only_france_travail_reactivates(account),
        },
        button=Button("Voir ce compte", outbox.link(path)),
    )


def helper_against(event: SecurityEvent) -> str:
    """Return the contact: not the RGC for the RGC's own change."""
    is_by_rgc = event.by is not None and event.by.role == Role.RGC
    return CORRESPONDENT if is_by_rgc else helper_of(event.account)
