"""Record the steps of a nomination (4.1 to 4.3).

Agents propose and record facts; administrators of the article's level decide (domain
5.7). Buttons and actions share the ``why_not_…`` functions.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.agreements import letters
from accounts.agreements.models.conventions import OVER_STATES
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import emails, jobs
from accounts.nominations.enums import (
    IN_FORCE_STATES,
    OPEN_STATES,
    REPORTED_STATES,
    NominationState,
)
from accounts.nominations.models import (
    CHANGE_NOT_NOTIFIED,
    CHANGE_NOT_VALIDATED,
    NOT_NOTIFIED,
    Nomination,
)
from accounts.users import actions
from accounts.users.enums import PARTNER_ROLES, Role, UserState
from accounts.users.models import User
from accounts.users.refusals import validate_personal
from accounts.users.territory import REGIONAL, TERRITORIAL, level_of
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
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
    return not person.nominations.filter(state__in=OPEN_STATES).exists()


# --- From the proposal to the office (4.1) --------------------------------------------


@transaction.atomic
def propose(nomination: Nomination, *, by: User) -> None:
    """Save a proposal; raise MoveRefused, or ValidationError if shared (S12)."""
    refuse_if(why_not_record(nomination, by))
    if nomination.convention.state in OVER_STATES:
        raise MoveRefused(CONVENTION_OVER)
    validate_personal(nomination.email)
    nomination.previous = nomination.convention.nominations.order_by("pk").last()
    nomination.save()
    nomination.steps.create(origin="", target=nomination.state, by=by)
    jobs.audit(nomination, "propose", by=by, previous=nomination.previous_id)


@transaction.atomic
def advise(nomination: Nomination, *, by: User, **advice: Any) -> None:
    """Record the site director's optional opinion (4.1)."""
    refuse_if(why_not_record(nomination, by))
    jobs.record(
        nomination,
        [NominationState.PROPOSED],
        "Le directeur territorial a déjà décidé : un avis ne changerait plus rien.",
        **advice,
    )
    opinion, on = advice["opinion"], advice["opinion_on"]
    jobs.audit(nomination, "advise", by=by, opinion=opinion, on=on)


@transaction.atomic
def accept(nomination: Nomination, *, by: User, **decision: Any) -> None:
    """Record the territorial director's agreement and prepare its letter."""
    refuse_if(why_not_decide(nomination, by))
    nomination.accept(by=by, **decision)
    parts = jobs.write(LetterKind.APPOINTMENT_AGREED, nomination, by=by)
    on = decision["decided_on"]
    jobs.audit(nomination, "accept", by=by, parts=parts, on=on)


@transaction.atomic
def refuse(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reason: str,
    reference: str = "",
) -> None:
    """Record a reasoned refusal; its letter requests another proposal."""
    refuse_if(why_not_decide(nomination, by))
    nomination.move_to(
        NominationState.REFUSED,
        by=by,
        note={"reason": reason},
        decided_on=decided_on,
        decision_by=decision_by,
        decision_reference=reference,
        refusal_reason=reason,
        email="",
    )
    parts = jobs.write(LetterKind.APPOINTMENT_REFUSED, nomination, by=by)
    facts = {"on": decided_on, "reason": reason}
    jobs.audit(nomination, "refuse", by=by, parts=parts, **facts)


@transaction.atomic
def abandon(nomination: Nomination, *, by: User) -> None:
    """Record that the structure or the person gave up."""
    refuse_if(why_not_administer(nomination, by))
    nomination.move_to(NominationState.ABANDONED, by=by, email="")
    jobs.audit(nomination, "abandon", by=by)


@transaction.atomic
def validate_change(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reference: str,
) -> None:
    """Record that the regional director validates a successor; prepare the letter.

    Raises MoveRefused for a first naming, before the agreement, or twice.
    """
    refuse_if(why_not_validate(nomination, by))
    nomination = jobs.lock(nomination)
    if nomination.state == NominationState.ACCEPTED and not nomination.is_successor:
        raise MoveRefused(
            "Cette personne est la première nommée pour cette convention : l’accord "
            "du directeur territorial suffit (art. 4.1)."
        )
    if nomination.validated_on is not None:
        raise MoveRefused("Ce changement de RGC est déjà validé.")
    jobs.record(
        nomination,
        [NominationState.ACCEPTED],
        "Un changement de RGC se valide après l’accord du directeur territorial, et "
        "avant la mise en fonction (art. 4.1 et 4.3).",
        validated_on=decided_on,
        validation_by=decision_by,
        validation_reference=reference,
        validated_by=by,
    )
    parts = jobs.write(LetterKind.CHANGE_VALIDATED, nomination, by=by)
    jobs.audit(nomination, "validate_change", by=by, parts=parts, on=decided_on)


@transaction.atomic
def notify(
    nomination: Nomination,
    *,
    by: User,
    on: dt.date,
    carrier: str = "",
    registered_number: str = "",
) -> None:
    """Record that the structure was notified: a day (4.1), or a posting (4.3).

    Raises MoveRefused before the agreement or the validation, after the office, without
    a letter to post, or for one already posted, which its own page corrects;
    ValidationError for a number that does not exist.
    """
    nomination = jobs.lock(nomination)
    refuse_if(why_not_notify(nomination, by))
    if nomination.state != NominationState.ACCEPTED:
        raise MoveRefused(
            "L’accord se notifie après la décision du directeur territorial, et avant "
            "la mise en fonction (art. 4.1)."
        )
    parts: list[dict[str, Any]] = []
    if nomination.validated_on is None:
        nomination.notified_on = on
        nomination.save(update_fields=["notified_on"])
    else:
        letter = nomination.change_letter
        if letter is None:
            raise MoveRefused(
                "La lettre de ce changement est annulée : ouvrez-la depuis cette "
                "fiche, préparez-la de nouveau, puis notez son envoi."
            )
        with journal.gathering() as parts:
            letters.record_posting(
                letter,
                by=by,
                carrier=carrier,
                registered_number=registered_number,
                on=on,
            )
    jobs.audit(nomination, "notify", by=by, parts=parts, on=on)


@transaction.atomic
def provide_account(nomination: Nomination, *, by: User) -> User:
    """Open the RGC's account, by two e-mails (art. 6).

    A member of the structure keeps account and identifier (art. 5.1); the role changes
    with the office. Raises MoveRefused if not accepted, not validated where he succeeds
    somebody, if already provided, or if the address belongs to another employer.
    """
    refuse_if(why_not_provide(nomination, by))
    nomination = jobs.lock(nomination)
    if nomination.state != NominationState.ACCEPTED or nomination.person_id:
        raise MoveRefused(
            "Un compte se fournit une fois, après l’accord du directeur territorial "
            "(art. 4.1)."
        )
    structure = nomination.convention.structure
    parts: list[dict[str, Any]] = []
    person = (
        User.objects.filter(email__iexact=nomination.email)
        .exclude(state=UserState.CLOSED)
        .select_for_update(no_key=True)
        .first()
    )
    if person is None:
        copied = ("first_name", "last_name", "email", "function")
        fields = {name: getattr(nomination, name) for name in copied}
        person = User(role=Role.RGC, structure=structure, **fields)
        with journal.gathering() as parts:
            actions.open_account(person, by=by)
    elif person.role not in PARTNER_ROLES or person.structure_id != structure.pk:
        raise MoveRefused(
            "Cette adresse est celle d’un compte d’une autre structure ou de France "
            "Travail. Demandez à la structure l’adresse professionnelle de la personne."
        )
    # From here the account has the address.
    nomination.person, nomination.email = person, ""
    nomination.save(update_fields=["person", "email"])
    jobs.audit(nomination, "provide_account", by=by, parts=parts, account=person.pk)
    return person


@transaction.atomic
def hand_copy(
    nomination: Nomination, *, by: User, given_on: dt.date, channel: str
) -> None:
    """Record the day when the structure's signatory handed the copy over (4.1)."""
    refuse_if(why_not_record(nomination, by))
    jobs.record(
        nomination,
        IN_FORCE_STATES,
        "La copie de la convention se remet à un RGC accepté ou en fonction.",
        copy_given_on=given_on,
        copy_channel=channel,
    )
    jobs.audit(nomination, "hand_copy", by=by, on=given_on, channel=channel)


@transaction.atomic
def put_in_office(nomination: Nomination, *, by: User) -> None:
    """Put the RGC in office (4.1).

    An adviser becomes RGC: the seat of annexe 2 is free, sessions end, acts stay.
    Raises MoveRefused for the recorder of the agreement (S28), before the validation of
    a change (4.3) or the notification, without an account, or after the convention.
    """
    nomination = jobs.lock(nomination)
    refuse_if(why_not_put_in_office(nomination, by))
    with journal.gathering() as parts:
        # Their announced day has passed, but no job has run since.
        same_post = Nomination.objects.filter(convention=nomination.convention)
        for earlier in same_post.past_their_end():
            jobs.end_if_due(earlier.pk)
    person = nomination.person
    if nomination.state == NominationState.ACCEPTED and person is None:
        raise MoveRefused("Fournissez d’abord le compte de la personne.")
    if person and person.state == UserState.CLOSED:
        raise MoveRefused(
            "Le compte de cette personne est fermé pour toujours : enregistrez "
            "l’abandon, puis une nouvelle proposition."
        )
    if person and not person.is_active:
        raise MoveRefused(
            "Le compte de cette personne est suspendu : réactivez-le avant de la "
            "mettre en fonction."
        )
    nomination.take_office(by=by)
    Nomination.objects.carry_over(nomination.convention_id, by=by)
    if person and person.role == Role.ADVISER:
        person.role = Role.RGC
        person.session_salt += 1
        person.save(update_fields=["role", "session_salt"])
        with journal.gathering() as change:
            journal.record(
                Action.ROLE_CHANGED, by=by, target=person, details={"role": Role.RGC}
            )
        parts += change
    emails.rgc_in_office.post(
        key=f"nomination:{nomination.pk}", nomination=nomination.pk
    )
    jobs.audit(nomination, "put_in_office", by=by, parts=parts)


# --- The end of the office, and the vacancy (4.3) -------------------------------------


@transaction.atomic
def advise_withdrawal(
    nomination: Nomination, *, by: User, director: str, **advice: Any
) -> None:
    refuse_if(why_not_record(nomination, by))
    jobs.record(
        nomination,
        IN_FORCE_STATES,
        "Cette nomination n’est pas en vigueur : il n’y a rien à retirer.",
        withdrawal_director=director,
        **{f"withdrawal_{name}": value for name, value in advice.items()},
    )
    details = {"opinion": advice["opinion"], "on": advice["opinion_on"]}
    jobs.audit(nomination, "advise_withdrawal", by=by, director=director, **details)


@transaction.atomic
def drop_withdrawal(nomination: Nomination, *, by: User) -> None:
    """Record that the regional director keeps the RGC in office."""
    refuse_if(why_not_withdraw(nomination, by))
    jobs.record(
        nomination,
        IN_FORCE_STATES,
        "Cette nomination a déjà pris fin.",
        withdrawal_director="",
        withdrawal_opinion="",
        withdrawal_opinion_on=None,
        withdrawal_opinion_by="",
    )
    jobs.audit(nomination, "drop_withdrawal", by=by)


@transaction.atomic
def withdraw(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reason: str,
    reference: str = "",
) -> None:
    """Withdraw at once, after an opinion or without (4.3)."""
    refuse_if(why_not_withdraw(nomination, by))
    nomination.end(
        NominationState.WITHDRAWN,
        by=by,
        note={"reason": reason},
        ended_on=decided_on,
        withdrawal_by=decision_by,
        withdrawal_reference=reference,
        withdrawal_reason=reason,
        email="",
    )
    parts = jobs.write(LetterKind.APPOINTMENT_WITHDRAWN, nomination, by=by)
    jobs.warn_of_vacancy(nomination)
    facts = {"on": decided_on, "reason": reason}
    jobs.audit(nomination, "withdraw", by=by, parts=parts, **facts)


@transaction.atomic
def end_office(
    nomination: Nomination, *, by: User, ended_on: dt.date, is_absence: bool
) -> None:
    """End a departure or absence; MoveRefused: future day."""
    refuse_if(why_not_end(nomination, by))
    if ended_on > timezone.localdate():
        raise MoveRefused(
            "Ce jour est à venir : le RGC administre les comptes jusque-là. "
            "Annoncez la fin de fonction : Opus l’enregistrera le jour venu."
        )
    jobs.vacate(nomination, by=by, letter_by=by, on=ended_on, is_absence=is_absence)


@transaction.atomic
def announce_end(nomination: Nomination, *, by: User, how: str, on: dt.date) -> None:
    """Announce the end (4.3); raise MoveRefused if past."""
    refuse_if(why_not_end(nomination, by))
    if on <= timezone.localdate():
        raise MoveRefused(
            "Ce jour n’est pas à venir : enregistrez le départ ou l’absence."
        )
    jobs.record_throughout(
        nomination,
        [NominationState.IN_OFFICE],
        "Ce RGC n’est pas en fonction : il n’y a pas de fin à annoncer.",
        end_announced_as=how,
        end_announced_on=on,
        end_announced_by=by,
    )
    jobs.audit(nomination, "announce_end", by=by, how=how, on=on)


@transaction.atomic
def drop_announced_end(nomination: Nomination, *, by: User) -> None:
    """Cancel it; raise MoveRefused if the office ended."""
    refuse_if(why_not_end(nomination, by))
    nomination = jobs.lock(nomination)
    if nomination.is_past_its_end:
        raise MoveRefused("Le jour annoncé est passé : cette fonction a pris fin.")
    jobs.record_throughout(
        nomination,
        [NominationState.IN_OFFICE],
        "Cette fonction a déjà pris fin.",
        end_announced_as="",
        end_announced_on=None,
        end_announced_by=None,
        vacancy_letter_on=None,
        vacancy_letter_reference="",
    )
    jobs.audit(nomination, "drop_announced_end", by=by)


@transaction.atomic
def tell_vacancy(
    nomination: Nomination, *, by: User, letter_on: dt.date, reference: str
) -> None:
    """Record the structure's letter: a departure or an absence, maybe to come (4.3)."""
    refuse_if(why_not_record(nomination, by))
    if letter_on > timezone.localdate():
        raise MoveRefused("La date de cette lettre est à venir.")
    nomination = jobs.lock(nomination)
    is_announced = nomination.end_announced_on is not None
    jobs.record_throughout(
        nomination,
        [*REPORTED_STATES, *([NominationState.IN_OFFICE] if is_announced else [])],
        NOTHING_TO_REPORT,
        vacancy_letter_on=letter_on,
        vacancy_letter_reference=reference,
    )
    jobs.audit(nomination, "tell_vacancy", by=by, on=letter_on)
