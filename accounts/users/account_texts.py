"""Texts about an account, from its dates, states and steps."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import User
from opus.lib.database.queries import read_together
from opus.lib.dates import date_format, moment
from opus.lib.forms.edit_forms import name_of

# --- Whom its holder may contact (A8) -------------------------------------------------

RGC = "le responsable de gestion des comptes (RGC) de votre structure"

CORRESPONDENT = "le correspondant France Travail de votre structure"


def helper_of(account: User) -> str:
    """Return the RGC, or France Travail without one."""
    match account.role:
        case Role.ADVISER:
            has_rgc = User.objects.rgc_of(account.structure_id).exists()
            return RGC if has_rgc else CORRESPONDENT
        case Role.RGC:
            return CORRESPONDENT
        case _:
            return "un administrateur d’Opus"


def checker_of(account: User) -> str:
    if why_only_france_travail(account):
        return CORRESPONDENT
    return helper_of(account)


def to(whom: str) -> str:
    if whom.startswith("le "):
        return f"au {whom.removeprefix('le ')}"
    return f"à {whom}"


# --- Who may reactivate it (S11, ADR 8) -----------------------------------------------

SECURED = (
    "Ce compte a été mis en sécurité par le lien d’un courriel, peu après un "
    "changement fait par le RGC. Seule France Travail peut le réactiver ou en changer "
    "l’adresse, après vérification avec la personne : adressez-vous au correspondant "
    "France Travail de votre structure."
)

SUSPENDED = (
    "Ce compte a été suspendu par France Travail. Seule France Travail peut le "
    "réactiver ou en changer l’adresse : adressez-vous au correspondant France Travail "
    "de votre structure."
)


def why_only_france_travail(account: User) -> str:
    """Return why an RGC may not reactivate it, or "".

    France Travail suspended it, or its holder stopped a change soon after one by an
    RGC. Empty if the RGC may.
    """
    suspension = account.suspension
    if suspension and suspension.by and suspension.by.is_staff:
        return SUSPENDED
    return SECURED if was_changed_by_rgc(account) else ""


def was_changed_by_rgc(account: User) -> bool:
    """Return whether an RGC changed anything soon before the stop."""
    # Any change counts: a stolen session changes the address.
    stopped = account.security_events.unsettled().order_by("stopped_at").first()
    if stopped is None or stopped.stopped_at is None or account.role != Role.ADVISER:
        return False
    since = stopped.stopped_at - settings.ACCOUNT_SAFETY.former_addresses
    return account.security_events.filter(by__role=Role.RGC, at__gte=since).exists()


# --- Suspended and closed accounts ----------------------------------------------------


def why_inactive(account: User) -> str:
    if account.state == UserState.CLOSED:
        return f"Votre compte est fermé : {helper_of(account)} peut vous dire pourquoi."
    why = " pour absence (convention, art. 4.2)" if is_absent(account) else ""
    return (
        f"Votre compte est suspendu{why} : {checker_of(account)} peut vous dire "
        "pourquoi, et le réactiver."
    )


def suspension(account: User, *, reader: User) -> str:
    step = account.suspension
    if step is None:
        return ""
    author = name_of(step.by, reader) if step.by else "Opus"
    return f"le {moment(step.at)} par {author} : {step.detail}"


# --- Absence (art. 4.2) ---------------------------------------------------------------


def suspension_ahead(person: User) -> str:
    """Return when absence will suspend this account, for the administrator."""
    context = {
        "person": person,
        "leave": person.long_leave,
        "today": timezone.localdate(),
        "days": settings.ABSENCE_SUSPENDS,
    }
    return render_to_string("accounts/team/suspension_ahead.html", context).strip()


def why_absent(person: User) -> str:
    leave = person.leaves.long().covering(timezone.localdate()).first()
    if leave:
        return f"une absence de plus de trois mois est enregistrée, {leave}"
    return (
        f"aucune connexion depuis le {date_format(person.used_on)}, soit "
        f"{person.days_unused} jours"
    )


def is_absent(person: User) -> bool:
    step = person.suspension
    return step is not None and step.note.get("reason") == SuspensionReason.ABSENCE


@dataclasses.dataclass(frozen=True)
class HistoryEntry:
    at: dt.datetime
    label: str
    # A text is the name by which the reader knows that person.
    by: User | str | None
    detail: str = ""


def history_of(account: User) -> list[HistoryEntry]:
    """Return what happened to the account, in one query."""
    reset_steps: Any = apps.get_model("accounts", "FactorResetStep")
    steps, leaves, answers, changes, corrections, accesses, moves, events = (
        read_together(
            (account.steps.all(), ["by"]),
            (account.leaves.all(), ["created_by", "cancelled_by"]),
            (account.review_answers.all(), ["review", "review__answered_by"]),
            (account.address_changes.all(), ["by"]),
            # A change of address has its own entry.
            (account.corrections.exclude(field="email"), ["by"]),
            (account.first_accesses.all(), ["created_by"]),
            (reset_steps.objects.filter(reset__account=account), ["by"]),
            (account.security_events.filter(stopped_at__isnull=False), []),
        )
    )
    entries = [
        HistoryEntry(step.at, step.label, step.by, step.detail) for step in steps
    ]
    for leave in leaves:
        away, dates = "Absence annoncée", str(leave)
        entries.append(HistoryEntry(leave.created_at, away, leave.created_by, dates))
        if leave.cancelled_at:
            lifted = (leave.cancelled_at, f"{away} : levée", leave.cancelled_by, dates)
            entries.append(HistoryEntry(*lifted))
    for row in corrections:
        label = f"Rectification : {row.label}"
        entries.append(HistoryEntry(row.at, label, row.by, row.get_reason_display()))
    entries += [one.entry() for one in (*answers, *events)]
    for change in changes:
        label = "Adresse de courriel changée"
        entries.append(HistoryEntry(change.at, label, change.by))
    for access in accesses:
        label = (
            "Lien d’activation envoyé"
            if access.nonce
            else "Fiche de premier accès préparée"
        )
        check = access.get_check_done_display()
        entries.append(HistoryEntry(access.created_at, label, access.created_by, check))
        if access.used_at:
            label = "Premier accès utilisé : mot de passe choisi"
            entries.append(HistoryEntry(access.used_at, label, account))
    entries += [HistoryEntry(step.at, step.label, step.by) for step in moves]
    return sorted(entries, key=lambda entry: entry.at)
