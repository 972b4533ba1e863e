"""Texts about an account, from its dates, states and steps."""

from django.conf import settings
from django.utils import timezone

from accounts.users.contacts import checker_of, helper_of
from accounts.users.enums import SuspensionReason, UserState
from accounts.users.models.users import User
from opus.lib.dates.formats import date_format, moment
from opus.lib.forms.edit_forms import name_of

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
    """Return when absence will suspend this account, for the administrator."""
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
