"""The buttons of a nomination, and when each stands on its page (art. 4.1 to 4.3)."""

from accounts import nomination_permissions
from accounts.models import Nomination, NominationState, User
from accounts.models.nominations import WITHDRAWN_AFTER_AN_OPINION
from accounts.nomination_enums import ENDED_STATES, IN_FORCE_STATES


def is_proposed(nomination: Nomination, user: User) -> bool:
    return nomination.state == NominationState.PROPOSED


def waits_for_account(nomination: Nomination, user: User) -> bool:
    return nomination.state == NominationState.ACCEPTED and nomination.person is None


def waits_for_office(nomination: Nomination, user: User) -> bool:
    has_account = nomination.person is not None
    return nomination.state == NominationState.ACCEPTED and has_account


def waits_for_copy(nomination: Nomination, user: User) -> bool:
    return nomination.state in IN_FORCE_STATES and nomination.copy_given_on is None


def is_in_force(nomination: Nomination, user: User) -> bool:
    return nomination.state in IN_FORCE_STATES


def waits_for_withdrawal(nomination: Nomination, user: User) -> bool:
    return nomination.state in IN_FORCE_STATES and bool(nomination.withdrawal_opinion)


def may_announce_its_end(nomination: Nomination, user: User) -> bool:
    is_in_office = nomination.state == NominationState.IN_OFFICE
    return is_in_office and not nomination.is_past_its_end


def has_announced_its_end(nomination: Nomination, user: User) -> bool:
    is_announced = nomination.end_announced_on is not None
    return is_announced and may_announce_its_end(nomination, user)


def waits_for_letter(nomination: Nomination, user: User) -> bool:
    held_office = nomination.state in ENDED_STATES and nomination.office_on is not None
    return held_office and nomination.vacancy_letter_on is None


def administers(nomination: Nomination, user: User) -> str:
    return nomination_permissions.why_not_administer(user)


def decides(nomination: Nomination, user: User) -> str:
    return nomination_permissions.why_not_decide(user)


def withdraws(nomination: Nomination, user: User) -> str:
    return nomination_permissions.why_not_withdraw(user)


def withdraws_after_opinion(nomination: Nomination, user: User) -> str:
    sentence = nomination_permissions.why_not_withdraw(user)
    if sentence or nomination.withdrawal_opinion:
        return sentence
    return WITHDRAWN_AFTER_AN_OPINION
