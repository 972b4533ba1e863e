"""The history of an account (A8, V14)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.apps import apps

from accounts.users.models.users import User
from opus.lib.database.rows_in_json import read_together


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
        entries += leave.entries()
    entries += [one.entry() for one in (*answers, *corrections, *events)]
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
