"""Database refusals about an account, in French."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from accounts.users.models import User
from opus.lib.database.states import MoveRefused


class QuotaReached(MoveRefused):
    def __init__(self, quota: int | None = None) -> None:
        template, context = "accounts/team/quota_reached.html", {"quota": quota}
        super().__init__(render_to_string(template, context).strip())


class EmailTaken(MoveRefused):
    pass


class LeaveRefused(MoveRefused):
    """Another absence is announced for some of these days."""


def is_held(account: User) -> bool:
    """Return whether somebody denied a request of it, which nobody checked yet."""
    denied = account.asked_transfers.filter(disowned_at__isnull=False)
    return denied.filter(checked_at__isnull=True).exists()


def refuse_held(by: User) -> None:
    """Refuse a gesture that opens persons or accounts while it is held (ADR 28)."""
    if is_held(by):
        raise MoveRefused(
            "Une personne de votre structure ne connaît pas une demande faite avec "
            "votre compte. Confier des candidats, ouvrir, réactiver ou renouveler un "
            "compte attend donc que France Travail ait vérifié\xa0: appelez votre "
            "correspondant."
        )


@contextmanager
def refusing_in_french() -> Iterator[None]:
    """Open a savepoint; translate database refusals in it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise in_french(error) from error


def in_french(error: IntegrityError) -> Exception:
    """Translate a database refusal; return unknown errors unchanged."""
    diagnosis = getattr(error.__cause__, "diag", None)
    match diagnosis and diagnosis.constraint_name:
        case "accounts_within_quota":
            return QuotaReached()
        case "email_of_one_person":
            return EmailTaken("Un compte utilise déjà cette adresse de courriel.")
        case "one_leave_at_a_time":
            return LeaveRefused(
                "Une autre absence est déjà annoncée sur une partie de ces dates : "
                "levez-la d’abord."
            )
        case "closed_account_accompanies_nobody":
            return MoveRefused(
                "Ce compte accompagne encore des personnes : confiez-les d’abord à "
                "quelqu’un d’autre."
            )
    # Our triggers have a message of their own, and name no table.
    if diagnosis and diagnosis.message_primary and diagnosis.table_name is None:
        return MoveRefused(str(diagnosis.message_primary))
    return error


# A mailbox with this beginning is a desk's: contact-emploi@, ccas.38@…
DESKS = """
accueil admin administration agence bonjour ccas cias contact contacts courrier courriel
direction info information informations infos mail mairie noreply secretariat service
services standard support webmaster
"""
# These name a desk only if nothing else follows: emploi@, mission-locale@.
TRADES = """
aide antenne beneficiaires cap centre commune conseiller conseillers de des du emploi
equipe formation insertion la le les locale maison mission ml missionlocale no opus plie
pole reply rgc rh rsa social sociale ville
"""


def validate_personal(email: str) -> None:
    local = email.partition("@")[0].casefold()
    words = [word for word in re.split(r"[\W\d_]+", local) if word]
    desks = DESKS.split()
    if words and (words[0] in desks or {*words} <= {*desks, *TRADES.split()}):
        raise ValidationError(
            f"« {email} » est une boîte partagée. Un compte appartient à une seule "
            "personne (art. 5.1) : indiquez son adresse professionnelle à elle, par "
            "exemple prenom.nom@votre-structure.fr.",
            code="shared_mailbox",
        )
