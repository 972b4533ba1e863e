"""The history of an account (A8, V14)."""

from __future__ import annotations

import dataclasses
import datetime as dt

from accounts.users.models.users import User


@dataclasses.dataclass(frozen=True)
class HistoryEntry:
    at: dt.datetime
    label: str
    # A text is the name by which the reader knows that person.
    by: User | str | None
    detail: str = ""


def history_of(account: User) -> list[HistoryEntry]:
    entries = [
        HistoryEntry(step.at, step.label, step.by, step.detail)
        for step in account.steps.select_related("by")
    ]
    for leave in account.leaves.select_related("created_by", "cancelled_by"):
        entries += leave.entries()
    for answer in account.review_answers.select_related("review__answered_by"):
        entries.append(answer.entry())
    for change in account.address_changes.select_related("by"):
        label = "Adresse de courriel changée"
        entries.append(HistoryEntry(change.at, label, change.by))
    # A change of address has its own entry above.
    for correction in account.corrections.exclude(field="email").select_related("by"):
        entries.append(correction.entry())
    for access in account.first_accesses.select_related("created_by"):
        label = (
            "Lien d’activation envoyé"
            if access.nonce
            else "Fiche de premier accès préparée"
        )
        check = access.get_check_done_display()
        entries.append(HistoryEntry(access.created_at, label, access.created_by, check))
        if access.used_at:
            label = "Premier accès utilisé : mot de passe choisi"
            entries.append(HistoryEntry(access.used_at, label, account))
    for reset in account.factor_resets.prefetch_related("steps__by"):
        entries += [
            HistoryEntry(step.at, step.label, step.by) for step in reset.steps.all()
        ]
    for event in account.security_events.filter(stopped_at__isnull=False):
        entries.append(event.entry())
    return sorted(entries, key=lambda entry: entry.at)
