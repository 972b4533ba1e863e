"""Why only France Travail may reactivate an account (S11, ADR 8)."""

from django.conf import settings

from accounts.users.enums import Role
from accounts.users.models.users import User

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
    """Return why an RGC may not reactivate or readdress this account.

    France Travail suspended it, or its holder stopped a change soon after one by an
    RGC. Empty if the RGC may.
    """
    suspension = account.suspension
    if suspension and suspension.by and suspension.by.is_staff:
        return SUSPENDED
    return SECURED if was_changed_by_rgc(account) else ""


def only_france_travail_reactivates(account: User) -> bool:
    return bool(why_only_france_travail(account))


def was_changed_by_rgc(account: User) -> bool:
    """Return whether an RGC changed anything soon before the stop."""
    # Any change counts: a stolen session changes the address.
    stopped = account.security_events.unsettled().order_by("stopped_at").first()
    if stopped is None or stopped.stopped_at is None or account.role != Role.ADVISER:
        return False
    since = stopped.stopped_at - settings.ACCOUNT_SAFETY.former_addresses
    return account.security_events.filter(by__role=Role.RGC, at__gte=since).exists()
