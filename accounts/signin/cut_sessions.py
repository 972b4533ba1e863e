"""Explain why a session ended, from its account's changes (S14, A8)."""

import datetime as dt

from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.sessions import OpenSession
from accounts.users.contacts import helper_of, to
from accounts.users.enums import UserState

NEW_FACTORS = "les seconds facteurs de votre compte ont changé"

CHANGED = {
    SecurityEventKind.PASSWORD: "le mot de passe de votre compte a changé",
    SecurityEventKind.FACTOR_ADDED: NEW_FACTORS,
    SecurityEventKind.FACTOR_REMOVED: NEW_FACTORS,
    SecurityEventKind.FACTORS_RESET: NEW_FACTORS,
    SecurityEventKind.BACKUP_CODES: NEW_FACTORS,
}


def why_cut(row: OpenSession) -> str:
    """Name the last change that ended this session, if one is known."""
    account, since = row.account, row.began_at
    helper = helper_of(account)
    causes: list[tuple[dt.datetime, str, bool]] = [
        (event.at, CHANGED[SecurityEventKind(event.kind)], True)
        for event in account.security_events.filter(kind__in=CHANGED, at__gte=since)
    ]
    for step in account.steps.filter(target=UserState.SUSPENDED, at__gte=since):
        was = "votre compte a été suspendu"
        what = f"{was}, puis réactivé" if account.is_active else was
        causes.append((step.at, what, False))
    offices = Nomination.objects.filter(
        person=account, steps__target=NominationState.IN_OFFICE, steps__at__gte=since
    )
    for at in offices.values_list("steps__at", flat=True):
        what = "vous êtes maintenant responsable de gestion des comptes (RGC)"
        causes.append((at, what, False))
    if not causes:
        return (
            "Votre session s’est fermée : l’accès à votre compte a changé. "
            "Reconnectez-vous ; si vous n’en connaissez pas la raison, demandez-la "
            f"{to(helper)}."
        )
    _, what, is_worrying = max(causes)
    what_next = (
        f"Si ce n’était pas vous, prévenez sans attendre {helper}."
        if is_worrying
        else "Reconnectez-vous."
    )
    return f"Votre session s’est fermée : {what}. {what_next}"
