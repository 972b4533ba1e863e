"""Why a user may not act on a nomination (art. 4.1 to 4.3, domain 5.7)."""

from accounts.agreements.models.conventions import OVER_STATES
from accounts.nominations.models import Nomination
from accounts.users.enums import Role
from accounts.users.models.users import User
from accounts.users.territory import REGIONAL, TERRITORIAL, level_of
from opus.lib.database.states import MoveRefused

NOT_STAFF = (
    "Seul le personnel de France Travail enregistre ce qui concerne un RGC "
    "(art. 4.1 à 4.3)."
)

NOT_ADMIN = (
    "Un administrateur de France Travail l’enregistre : les agents proposent et "
    "notent les avis."
)

NOT_TERRITORIAL = (
    "La décision revient au directeur territorial (art. 4.1) : un administrateur de la "
    "direction territoriale, régionale ou générale l’enregistre."
)

NOT_REGIONAL = (
    "Le retrait de l’agrément revient au directeur régional (art. 4.3) : un "
    "administrateur de la direction régionale ou générale l’enregistre. Vous pouvez "
    "enregistrer l’avis qui le précède."
)

FOUR_EYES = (
    "Vous avez enregistré l’accord du directeur : une autre personne met en fonction. "
    "Demandez-le à un autre administrateur."
)

CONVENTION_OVER = (
    "Cette convention a pris fin : la nomination se fait sur la nouvelle convention."
)


def why_not_record(by: User) -> str:
    """Return why this user may not record: staff only."""
    return "" if by.is_staff else NOT_STAFF


def why_not_administer(by: User) -> str:
    if not by.is_staff:
        return NOT_STAFF
    return "" if by.role == Role.FT_ADMIN else NOT_ADMIN


def why_not_decide(by: User) -> str:
    """Return why this user may not decide (territorial director, 4.1)."""
    if sentence := why_not_administer(by):
        return sentence
    return "" if level_of(by) in TERRITORIAL else NOT_TERRITORIAL


def why_not_withdraw(by: User) -> str:
    """Return why this user may not withdraw (regional director, 4.3)."""
    if sentence := why_not_administer(by):
        return sentence
    return "" if level_of(by) in REGIONAL else NOT_REGIONAL


def why_not_put_in_office(nomination: Nomination, by: User) -> str:
    """Return why not: the agreement's recorder (S28), or after the convention."""
    if sentence := why_not_administer(by):
        return sentence
    if nomination.accepted_by_id == by.pk:
        return FOUR_EYES
    return CONVENTION_OVER if nomination.convention.state in OVER_STATES else ""


def refuse_if(sentence: str) -> None:
    if sentence:
        raise MoveRefused(sentence)
