"""E-mails about an account's life, checked again when they leave."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.users import account_texts
from accounts.users.enums import Role, UserState
from accounts.users.models import AccountCorrection, FirstAccess, User
from accounts.users.territory import is_opened_today
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button, compose_email


@outbox.mail("absence-warning")
def absence_warning(*, account: int, since: str) -> EmailMessage | None:
    """Remind the holder to sign in before the suspension (S26)."""
    person = User.objects.get(pk=account)
    today = timezone.localdate()
    is_silenced = any(leave.silences(today) for leave in person.leaves.all())
    if not person.is_active or person.used_on != dt.date.fromisoformat(since):
        return None
    if is_silenced or person.days_left <= 0 or not is_opened_today(person):
        return None
    may_sign_in = (
        person.has_usable_password() or person.first_accesses.usable().exists()
    )
    return compose_email(
        to=person.email,
        subject="connectez-vous pour garder votre accès",
        template="accounts/users/emails/absence_warning.txt",
        context={
            "person": person,
            "to_helper": account_texts.to(account_texts.helper_of(person)),
            "may_sign_in": may_sign_in,
        },
        button=button("Se connecter à Opus", "login") if may_sign_in else None,
    )


@outbox.mail("absence-suspended")
def absence_suspended(*, account: int) -> EmailMessage | None:
    person = User.objects.get(pk=account)
    if person.state != UserState.SUSPENDED:
        return None
    return compose_email(
        to=person.email,
        subject="votre accès est suspendu",
        template="accounts/users/emails/absence_suspended.txt",
        context={
            "why": account_texts.why_absent(person),
            "to_checker": account_texts.to(account_texts.checker_of(person)),
        },
    )


@outbox.mail("absence-suspended-told")
def absence_suspended_told(*, account: int, to: int) -> EmailMessage | None:
    """Notify the RGC; France Travail for an RGC's own account."""
    person = User.objects.select_related("structure").get(pk=account)
    reader = User.objects.get(pk=to)
    if person.state != UserState.SUSPENDED or not reader.is_active:
        return None
    if reader.role == Role.RGC:
        path = reverse("account", args=[person.public_id])
    else:
        path = reverse("admin:accounts_user_change", args=[person.pk])
    return compose_email(
        to=reader.email,
        subject="un compte est suspendu pour absence",
        template="accounts/users/emails/absence_suspended_told.txt",
        context={
            "person": person,
            "reader": reader,
            "why": account_texts.why_absent(person),
        },
        button=button("Voir ce compte", path),
    )


@outbox.mail("account-corrected")
def account_corrected(*, gesture: str, to: int) -> EmailMessage | None:
    """List the corrected fields, without their values (V14)."""
    kept = AccountCorrection.objects.filter(gesture=gesture)
    rows = list(kept.select_related("account", "by"))
    reader = User.objects.get(pk=to)
    # The holder of a closed account has an address until it is erased.
    if not rows or not reader.email:
        return None
    account = rows[0].account
    is_holder = reader == account
    if not (is_holder or reader.is_active):
        return None
    page = "admin:index" if reader.is_staff else "home"
    to_read = button("Voir dans Opus", page)
    if is_holder:
        to_read = button("Voir ce qui a changé", "own_rights")
    return compose_email(
        to=reader.email,
        subject="les données de votre compte ont été rectifiées"
        if is_holder
        else "les données d’un compte ont été rectifiées",
        template="accounts/users/emails/account_corrected.txt",
        context={
            "account": account,
            "by": rows[0].by,
            "at": rows[0].at,
            "fields": [row.label for row in rows],
            "is_holder": is_holder,
        },
        button=to_read if reader.is_active else None,
    )


@outbox.mail("account-identifier")
def account_identifier(*, account: int) -> EmailMessage | None:
    user = User.objects.select_related("structure").get(pk=account)
    if not user.is_active:
        return None
    return outbox.compose_email(
        to=user.email,
        subject="votre identifiant",
        template="accounts/users/emails/account_identifier.txt",
        context={"person": user},
    )


@outbox.mail("activation-link")
def activation_link(*, access: int) -> EmailMessage | None:
    row = (
        FirstAccess.objects.links().usable().filter(pk=access).select_related("account")
    ).first()
    if row is None or not row.account.is_active:
        return None
    return outbox.compose_email(
        to=row.account.email,
        subject="votre lien d’activation",
        template="accounts/users/emails/activation_link.txt",
        context={
            "expires_at": row.expires_at,
            "hours": int(settings.FIRST_ACCESS_LASTS.total_seconds() // 3600),
            "is_staff": row.account.is_staff,
        },
        button=button("Activer mon accès", "activation_link", row.token),
    )
