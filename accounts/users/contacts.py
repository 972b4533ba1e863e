"""Contacts of an account's holder (A8)."""

from accounts.users.enums import Role
from accounts.users.models.users import User
from accounts.users.reactivation import only_france_travail_reactivates

RGC = "le responsable de gestion des comptes (RGC) de votre structure"

CORRESPONDENT = "le correspondant France Travail de votre structure"


def helper_of(account: User) -> str:
    """Return the RGC, or France Travail without an active one, or for an RGC."""
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
    """Return « au correspondant », « à un administrateur », « à Mme Petit »."""
    if whom.startswith("le "):
        return f"au {whom.removeprefix('le ')}"
    return f"à {whom}"
