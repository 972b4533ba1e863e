"""Who may do what to a nomination, and why not (domain 5.7)."""

from django.utils import timezone

from accounts.agreements.enums import OVER_STATES
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.nominations.rules import (
    CHANGE_NOT_NOTIFIED,
    CHANGE_NOT_VALIDATED,
    NOT_NOTIFIED,
)
from accounts.users.enums import Role, UserState
from accounts.users.models.users import User
from accounts.users.territory import REGIONAL, TERRITORIAL, level_of
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format

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
    "enregistrer un avis."
)
FOUR_EYES = (
    "Vous avez enregistré l’accord du directeur : une autre personne met en fonction. "
    "Demandez-le à un autre administrateur."
)
NOT_REGIONAL_CHANGE = (
    "Tout changement de RGC est validé par le directeur régional (art. 4.3) : un "
    "administrateur de la direction régionale ou générale l’enregistre."
)
CONVENTION_OVER = (
    "Cette convention a pris fin : la nomination se fait sur la nouvelle convention."
)

FIRST_NAMING = (
    "Cette personne est la première nommée pour cette convention : l’accord du "
    "directeur territorial suffit (art. 4.1)."
)
NOTHING_TO_NOTIFY = (
    "L’accord se notifie après la décision du directeur territorial, et avant la mise "
    "en fonction (art. 4.1)."
)
NO_LETTER = (
    "La lettre de ce changement est annulée : ouvrez-la depuis cette fiche, "
    "préparez-la de nouveau, puis notez son envoi."
)
NOTHING_TO_REPORT = (
    "La structure signale un départ ou une absence (art. 4.3) : pour cette nomination, "
    "aucun n’est enregistré ni annoncé."
)


def why_not_record(nomination: Nomination, by: User) -> str:
    return "" if by.is_staff else NOT_STAFF


def why_not_administer(nomination: Nomination, by: User) -> str:
    if by.role == Role.FT_ADMIN:
        return ""
    return NOT_ADMIN if by.is_staff else NOT_STAFF


def why_not_decide(nomination: Nomination, by: User) -> str:
    """Return why this user may not decide (territorial director, 4.1)."""
    refusal = why_not_administer(nomination, by)
    return refusal or ("" if level_of(by) in TERRITORIAL else NOT_TERRITORIAL)


def why_not_end(nomination: Nomination, by: User) -> str:
    """Return why this user may not end the office here (4.3, 13)."""
    return why_not_administer(nomination, by) or ends_elsewhere(nomination)


def ends_elsewhere(nomination: Nomination) -> str:
    """Return which nomination ends an office that will only go on (art. 13)."""
    previous = nomination.previous if nomination.is_carried else None
    if previous is None or previous.state != NominationState.IN_OFFICE:
        return ""
    present = previous.convention
    if present.ends_on < timezone.localdate():
        return ""
    return (
        f"Cette fonction prolonge celle de la convention n° {present.number}, en cours "
        f"jusqu’au {date_format(present.ends_on)} : agissez sur la nomination de cette "
        "convention-là, celle-ci suivra."
    )


def why_not_withdraw(nomination: Nomination, by: User) -> str:
    """Return why this user may not withdraw (regional director, 4.3)."""
    refusal = why_not_administer(nomination, by)
    if refusal or level_of(by) not in REGIONAL:
        return refusal or NOT_REGIONAL
    return ends_elsewhere(nomination)


def why_not_validate(nomination: Nomination, by: User) -> str:
    """Return why this user may not validate a change (regional director, 4.3)."""
    refusal = why_not_administer(nomination, by)
    return refusal or ("" if level_of(by) in REGIONAL else NOT_REGIONAL_CHANGE)


def why_not_provide(nomination: Nomination, by: User) -> str:
    """Return why not: a successor is validated first (4.3)."""
    refusal = why_not_administer(nomination, by)
    return refusal or (CHANGE_NOT_VALIDATED if nomination.awaits_validation else "")


def why_not_notify(nomination: Nomination, by: User) -> str:
    """Return why not: not validated, or a change already notified (4.3)."""
    if sentence := why_not_record(nomination, by):
        return sentence
    if nomination.awaits_validation:
        return CHANGE_NOT_VALIDATED
    letter = nomination.change_letter if nomination.validated_on else None
    if letter is None or not letter.is_posted:
        return ""
    return (
        "Ce changement est déjà notifié, sous le n°\xa0"
        f"{letter.registered_number}\xa0: ouvrez sa lettre pour corriger le numéro ou "
        "le jour."
    )


def why_not_put_in_office(nomination: Nomination, by: User) -> str:
    """Return why not: not validated or notified, over, or who agreed (S28)."""
    if sentence := why_not_provide(nomination, by):
        return sentence
    if nomination.convention.state in OVER_STATES:
        return CONVENTION_OVER
    if nomination.awaits_notification:
        return CHANGE_NOT_NOTIFIED if nomination.validated_on else NOT_NOTIFIED
    return FOUR_EYES if nomination.accepted_by_id == by.pk else ""


def refuse_if(sentence: str) -> None:
    if sentence:
        raise MoveRefused(sentence)


def may_close_account(nomination: Nomination) -> bool:
    """Return whether no nomination uses the person's account."""
    person = nomination.person
    if person is None or not person.can_move_to(UserState.CLOSED):
        return False
    alive = [
        NominationState.PROPOSED,
        NominationState.ACCEPTED,
        NominationState.IN_OFFICE,
    ]
    return not person.nominations.filter(state__in=alive).exists()
