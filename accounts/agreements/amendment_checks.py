"""Check an amendment against other rows (art. 5.2, 13)."""

import datetime as dt

from django.utils import timezone

from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention
from accounts.agreements.renewals import check_following
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format


def check_amendment(amendment: Amendment, convention: Convention) -> None:
    """Check it against other rows; MoveRefused says the way out."""
    if convention.state not in IN_FORCE_STATES:
        raise MoveRefused(
            "Un avenant modifie une convention signée et qui n’a pas pris fin."
        )
    if amendment.noticed_on > timezone.localdate():
        raise MoveRefused("La date de la notification écrite est à venir.")
    last = max(convention.ends_on, amendment.ends_on or convention.ends_on)
    if not convention.starts_on <= amendment.effective_on <= last:
        raise MoveRefused(
            f"Un avenant prend effet pendant la convention, du "
            f"{date_format(convention.starts_on)} au {date_format(convention.ends_on)}."
        )
    if amendment.ends_on:
        check_new_end(amendment.ends_on, convention)
    if amendment.quota is not None:
        check_quota(amendment.quota, convention)


def check_new_end(ends_on: dt.date, convention: Convention) -> None:
    """Raise MoveRefused unless later than today's end, within the parent (art. 13)."""
    if convention.state == ConventionState.NOTICE_PERIOD:
        raise MoveRefused(
            "Un préavis court : la fin de la convention ne change plus par un avenant."
        )
    if ends_on <= convention.ends_on:
        raise MoveRefused(
            f"La convention prend fin le {date_format(convention.ends_on)} : un "
            "avenant prolonge une convention, il ne l’abrège pas. Pour y mettre fin "
            "plus tôt, revenez à sa fiche et proposez une fin anticipée (art. 12), ou "
            "enregistrez une fin d’un commun accord."
        )
    parent = convention.parent
    if ends_on > parent.ends_on:
        raise MoveRefused(
            f"La convention de partenariat n° {parent.number} prend fin le "
            f"{date_format(parent.ends_on)} : la convention d’application ne peut pas "
            "durer plus (art. 13)."
        )
    check_following(convention, ends_on)


def check_quota(quota: int, convention: Convention) -> None:
    """Raise MoveRefused below the accounts in use, with their names."""
    accounts = list(User.objects.counted().filter(structure=convention.structure_id))
    if len(accounts) > quota:
        names = ", ".join(f"{user} ({user.identifier})" for user in accounts)
        excess = len(accounts) - quota
        some = "un" if excess == 1 else str(excess)
        raise MoveRefused(
            f"Comptes utilisés : {names}. La structure doit d’abord en suspendre ou "
            f"en fermer {some}."
        )
