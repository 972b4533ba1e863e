"""What pages and letters say of an account: from its dates, states and steps (A8).

One place a subject: whom to ask, why a session was cut, when absence suspends, why it
did.
"""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from accounts.models import (
    Nomination,
    NominationState,
    OpenSession,
    Role,
    SecurityEventKind,
    SuspensionReason,
    User,
    UserState,
)
from accounts.models.security import only_france_travail_reactivates
from opus.lib.dates import date_format, moment
from opus.lib.edit_forms import name_of

RGC = "le responsable de gestion des comptes (RGC) de votre structure"
CORRESPONDENT = "le correspondant France Travail de votre structure"

NEW_FACTORS = "les seconds facteurs de votre compte ont changé"
CHANGED = {
    SecurityEventKind.PASSWORD: "le mot de passe de votre compte a changé",
    SecurityEventKind.FACTOR_ADDED: NEW_FACTORS,
    SecurityEventKind.FACTOR_REMOVED: NEW_FACTORS,
    SecurityEventKind.FACTORS_RESET: NEW_FACTORS,
    SecurityEventKind.BACKUP_CODES: NEW_FACTORS,
}


# --- Whom to ask ----------------------------------------------------------------------


def helper_of(account: User) -> str:
    """Return whom that person asks about his account (art. 4.1, 4.2, 4.3).

    France Travail if the structure has no RGC, or if his account is suspended.
    """
    match account.role:
        case Role.ADVISER:
            has_rgc = User.objects.rgc_of(account.structure_id).exists()
            return RGC if has_rgc else CORRESPONDENT
        case Role.RGC:
            return CORRESPONDENT
        case _:
            return "un administrateur d’Opus"


def checker_of(account: User) -> str:
    """Return who may reactivate this account."""
    if only_france_travail_reactivates(account):
        return CORRESPONDENT
    return helper_of(account)


def to(whom: str) -> str:
    """« au correspondant », « à un administrateur », « à Mme Petit »."""
    if whom.startswith("le "):
        return f"au {whom.removeprefix('le ')}"
    return f"à {whom}"


# --- An account that opens nothing ----------------------------------------------------


def why_inactive(account: User) -> str:
    """Say that it is suspended or closed, and who can say why."""
    if account.state == UserState.CLOSED:
        return f"Votre compte est fermé : {helper_of(account)} peut vous dire pourquoi."
    why = " pour absence (convention, art. 4.2)" if is_absent(account) else ""
    return (
        f"Votre compte est suspendu{why} : {checker_of(account)} peut vous dire "
        "pourquoi, et le réactiver."
    )


def why_cut(row: OpenSession) -> str:
    """Say what ended this session: the last change since it began that ends sessions.

    Something else did if nothing is known: no cause is invented.
    """
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
        person=account,
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
            f"{to(helper)}."
        )
    _, what, is_worrying = max(causes)
    what_next = (
        f"Si ce n’était pas vous, prévenez sans attendre {helper}."
        if is_worrying
        else "Reconnectez-vous."
    )
    return f"Votre session s’est fermée : {what}. {what_next}"


def suspension(account: User, *, reader: User) -> str:
    """Say when, by whom and why it was suspended; empty if it is not."""
    step = account.suspension
    if step is None:
        return ""
    author = name_of(step.by, reader) if step.by else "Opus"
    return f"le {moment(step.at)} par {author} : {step.detail}"


# --- Absence (art. 4.2) ---------------------------------------------------------------


def use_of(person: User) -> str:
    """Say since when its holder has not signed in, and from what that is counted."""
    day = date_format(person.used_on)
    if person.last_login and person.used_on == timezone.localdate(person.last_login):
        return (
            f"Vous ne vous êtes pas connecté à Opus depuis le {day}, soit "
            f"{person.days_unused} jours."
        )
    if person.clock_restarted_at is None:
        return f"Votre compte Opus, créé le {day}, n’a encore jamais servi."
    if person.last_login:
        return (
            f"Votre compte Opus a été réactivé le {day} et n’a pas servi depuis, soit "
            f"{person.days_unused} jours."
        )
    return (
        "Votre compte Opus n’a encore jamais servi : il a été réactivé, ou un premier "
        f"accès a été préparé pour vous, le {day}."
    )


def suspension_ahead(person: User) -> str:
    """Say when absence suspends this account, to who administers it; may be empty."""
    if not person.is_active:
        return ""
    leave = person.long_leave
    if leave and leave.starts_on <= timezone.localdate():
        return (
            "Une absence de plus de trois mois a commencé : l’accès est fermé et Opus "
            "va suspendre ce compte (art. 4.2)."
        )
    if person.is_long_away:
        return (
            f"Plus de {settings.ABSENCE_SUSPENDS} jours sans connexion : l’accès est "
            "fermé et Opus va suspendre ce compte (art. 4.2)."
        )
    day = date_format(person.suspends_on)
    if leave and leave.starts_on == person.suspends_on:
        return (
            f"Opus suspend ce compte le {day}, premier jour d’une absence de plus de "
            "trois mois (art. 4.2)."
        )
    if person.days_left == 0:
        return "Sans connexion aujourd’hui, Opus suspend ce compte (art. 4.2)."
    return f"Sans connexion d’ici là, Opus suspend ce compte le {day} (art. 4.2)."


def why_absent(person: User) -> str:
    """Say which of the two absences suspended this account."""
    leave = person.leaves.long().covering(timezone.localdate()).first()
    if leave:
        return f"une absence de plus de trois mois est enregistrée, {leave}"
    return (
        f"aucune connexion depuis le {date_format(person.used_on)}, soit "
        f"{person.days_unused} jours"
    )


def is_absent(person: User) -> bool:
    """Return whether absence is the reason of its present suspension."""
    step = person.suspension
    return step is not None and step.note.get("reason") == SuspensionReason.ABSENCE
