"""Texts about an account, from its dates, states and steps."""

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
    """Whom to contact: France Travail without an RGC, or for a suspended one."""
    match account.role:
        case Role.ADVISER:
            has_rgc = User.objects.rgc_of(account.structure_id).exists()
            return RGC if has_rgc else CORRESPONDENT
        case Role.RGC:
            return CORRESPONDENT
        case _:
            return "un administrateur d’Opus"


def checker_of(account: User) -> str:
    if only_france_travail_reactivates(account):
        return CORRESPONDENT
    return helper_of(account)


def to(whom: str) -> str:
    """« au correspondant », « à un administrateur », « à Mme Petit »."""
    if whom.startswith("le "):
        return f"au {whom.removeprefix('le ')}"
    return f"à {whom}"


# --- An account that opens nothing ----------------------------------------------------


def why_inactive(account: User) -> str:
    if account.state == UserState.CLOSED:
        return f"Votre compte est fermé : {helper_of(account)} peut vous dire pourquoi."
    why = " pour absence (convention, art. 4.2)" if is_absent(account) else ""
    return (
        f"Votre compte est suspendu{why} : {checker_of(account)} peut vous dire "
        "pourquoi, et le réactiver."
    )


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
    step = account.suspension
    if step is None:
        return ""
    author = name_of(step.by, reader) if step.by else "Opus"
    return f"le {moment(step.at)} par {author} : {step.detail}"


# --- Absence (art. 4.2) ---------------------------------------------------------------


def use_of(person: User) -> str:
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
    """Say to the administrator when absence will suspend this account."""
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
