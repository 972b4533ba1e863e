"""Record the steps of an RGC's nomination (art. 4.1 to 4.3).

Agents propose and record facts; administrators of the article's level decide (domain
5.7). Buttons and actions share the ``why_not_…`` functions.
"""

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from accounts.agreements.models.conventions import OVER_STATES
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import emails
from accounts.nominations.enums import ENDED_STATES, IN_FORCE_STATES, NominationState
from accounts.nominations.jobs import (
    end_if_due,
    lock,
    record,
    record_change,
    vacate,
    warn_of_vacancy,
    write,
)
from accounts.nominations.models import Nomination
from accounts.nominations.permissions import (
    CONVENTION_OVER,
    refuse_if,
    why_not_administer,
    why_not_decide,
    why_not_put_in_office,
    why_not_record,
    why_not_withdraw,
)
from accounts.users import actions
from accounts.users.enums import PARTNER_ROLES, Role, UserState
from accounts.users.models.users import User
from accounts.users.shared_mailboxes import validate_personal
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused


class Advice(TypedDict):
    opinion: str
    opinion_on: dt.date
    opinion_by: str


class Decision(TypedDict):
    decided_on: dt.date
    decision_by: str
    reference: str


# --- From the proposal to the office (4.1) --------------------------------------------


@transaction.atomic
def propose(nomination: Nomination, *, by: User) -> None:
    """Save a proposal; raise MoveRefused, or ValidationError if shared (S12)."""
    refuse_if(why_not_record(by))
    if nomination.convention.state in OVER_STATES:
        raise MoveRefused(CONVENTION_OVER)
    validate_personal(nomination.email)
    nomination.previous = (
        Nomination.objects.filter(convention=nomination.convention)
        .order_by("pk")
        .last()
    )
    nomination.save()
    nomination.steps.create(origin="", target=nomination.state, by=by)
    record_change(nomination, "propose", by=by, previous=nomination.previous_id)


@transaction.atomic
def advise(nomination: Nomination, *, by: User, **advice: Unpack[Advice]) -> None:
    """Record the site director's optional opinion (4.1)."""
    refuse_if(why_not_record(by))
    record(
        nomination,
        [NominationState.PROPOSED],
        "Le directeur territorial a déjà décidé : un avis ne changerait plus rien.",
        **advice,
    )
    on = advice["opinion_on"].isoformat()
    record_change(nomination, "advise", by=by, opinion=advice["opinion"], on=on)


@transaction.atomic
def accept(nomination: Nomination, *, by: User, **decision: Unpack[Decision]) -> None:
    """Record the territorial director's agreement and prepare its letter."""
    refuse_if(why_not_decide(by))
    nomination.accept(by=by, **decision)
    parts = write(LetterKind.APPOINTMENT_AGREED, nomination, by=by)
    on = decision["decided_on"].isoformat()
    record_change(nomination, "accept", by=by, parts=parts, on=on)


@transaction.atomic
def refuse(
    nomination: Nomination, *, by: User, reason: str, **decision: Unpack[Decision]
) -> None:
    """Record a reasoned refusal; its letter requests another proposal."""
    refuse_if(why_not_decide(by))
    nomination.refuse(by=by, reason=reason, **decision)
    parts = write(LetterKind.APPOINTMENT_REFUSED, nomination, by=by)
    on = decision["decided_on"].isoformat()
    record_change(nomination, "refuse", by=by, parts=parts, on=on, reason=reason)


@transaction.atomic
def abandon(nomination: Nomination, *, by: User) -> None:
    """Record that the structure or the person gave up."""
    refuse_if(why_not_administer(by))
    nomination.abandon(by=by)
    record_change(nomination, "abandon", by=by)


@transaction.atomic
def provide_account(nomination: Nomination, *, by: User) -> User:
    """Open the RGC's account; identifier and link leave separately (art. 6).

    A member of the structure keeps account and identifier (art. 5.1); the role changes
    with the office. Raises MoveRefused if not accepted, if already provided, or if the
    address belongs to another employer.
    """
    refuse_if(why_not_administer(by))
    nomination = lock(nomination)
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
        person = User(
            role=Role.RGC,
            structure=structure,
            first_name=nomination.first_name,
            last_name=nomination.last_name,
            email=nomination.email,
            function=nomination.function,
        )
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
    record_change(nomination, "provide_account", by=by, parts=parts, account=person.pk)
    return person


def what_leaves(person: User) -> str:
    """Describe what the person receives, in French."""
    is_new = person.role == Role.RGC and person.nominations.count() == 1
    if is_new:
        return "L’identifiant et le lien d’activation partent par deux courriels."
    return (
        f"{person} garde son compte {person.identifier} : aucun courriel ne part, le "
        "mot de passe et les seconds facteurs ne changent pas."
    )


@transaction.atomic
def hand_copy(
    nomination: Nomination, *, by: User, given_on: dt.date, channel: str
) -> None:
    """Record that the RGC received a copy of the convention (4.1)."""
    refuse_if(why_not_record(by))
    record(
        nomination,
        IN_FORCE_STATES,
        "La copie de la convention se remet à un RGC accepté ou en fonction.",
        copy_given_on=given_on,
        copy_channel=channel,
    )
    record_change(
        nomination, "hand_copy", by=by, on=given_on.isoformat(), channel=channel
    )


@transaction.atomic
def put_in_office(nomination: Nomination, *, by: User) -> None:
    """Put the RGC in office, to administer the structure's accounts (4.1).

    An adviser becomes RGC: the seat of annexe 2 is free, sessions end, acts stay.
    Raises MoveRefused for the recorder of the agreement (S28), without an account, or
    after the convention.
    """
    nomination = lock(nomination)
    refuse_if(why_not_put_in_office(nomination, by))
    with journal.gathering() as parts:
        # Their announced day has passed, but no job has run since.
        same_post = Nomination.objects.filter(convention=nomination.convention)
        for earlier in same_post.past_their_end():
            end_if_due(earlier.pk)
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
            "Le compte de cette personne est suspendu : réactivez-le avant de la "
            "mettre en fonction."
        )
    nomination.take_office(by=by)
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
    record_change(nomination, "put_in_office", by=by, parts=parts)


# --- The end of the office, and the vacancy (4.3) -------------------------------------


@transaction.atomic
def advise_withdrawal(
    nomination: Nomination, *, by: User, director: str, **advice: Unpack[Advice]
) -> None:
    refuse_if(why_not_record(by))
    record(
        nomination,
        IN_FORCE_STATES,
        "Cette nomination n’est pas en vigueur : il n’y a rien à retirer.",
        withdrawal_director=director,
        **{f"withdrawal_{name}": value for name, value in advice.items()},
    )
    record_change(
        nomination,
        "advise_withdrawal",
        by=by,
        director=director,
        opinion=advice["opinion"],
        on=advice["opinion_on"].isoformat(),
    )


@transaction.atomic
def drop_withdrawal(nomination: Nomination, *, by: User) -> None:
    """Record that the regional director keeps the RGC in office."""
    refuse_if(why_not_withdraw(by))
    record(
        nomination,
        IN_FORCE_STATES,
        "Cette nomination a déjà pris fin.",
        withdrawal_director="",
        withdrawal_opinion="",
        withdrawal_opinion_on=None,
        withdrawal_opinion_by="",
    )
    record_change(nomination, "drop_withdrawal", by=by)


@transaction.atomic
def withdraw(
    nomination: Nomination, *, by: User, reason: str, **decision: Unpack[Decision]
) -> None:
    """Withdraw; access ends at once. MoveRefused: another level, or no opinion."""
    refuse_if(why_not_withdraw(by))
    nomination.withdraw(by=by, reason=reason, **decision)
    parts = write(LetterKind.APPOINTMENT_WITHDRAWN, nomination, by=by)
    warn_of_vacancy(nomination)
    on = decision["decided_on"].isoformat()
    record_change(nomination, "withdraw", by=by, parts=parts, on=on, reason=reason)


@transaction.atomic
def end_office(
    nomination: Nomination, *, by: User, ended_on: dt.date, is_absence: bool
) -> None:
    """End it: left, or absent over three months; MoveRefused for a future day."""
    refuse_if(why_not_administer(by))
    if ended_on > timezone.localdate():
        raise MoveRefused(
            "Ce jour est à venir : le RGC administre les comptes jusque-là. "
            "Annoncez la fin de fonction : Opus l’enregistrera le jour venu."
        )
    vacate(nomination, by=by, letter_by=by, on=ended_on, is_absence=is_absence)


@transaction.atomic
def announce_end(nomination: Nomination, *, by: User, how: str, on: dt.date) -> None:
    """Announce the end, a predicate (4.3); raise MoveRefused for a past day."""
    refuse_if(why_not_administer(by))
    if on <= timezone.localdate():
        raise MoveRefused(
            "Ce jour n’est pas à venir : enregistrez le départ ou l’absence."
        )
    record(
        nomination,
        [NominationState.IN_OFFICE],
        "Ce RGC n’est pas en fonction : il n’y a pas de fin à annoncer.",
        end_announced_as=how,
        end_announced_on=on,
        end_announced_by=by,
    )
    record_change(nomination, "announce_end", by=by, how=str(how), on=on.isoformat())


@transaction.atomic
def drop_announced_end(nomination: Nomination, *, by: User) -> None:
    """Cancel it; raise MoveRefused if the office ended, or the day is past."""
    refuse_if(why_not_administer(by))
    nomination = lock(nomination)
    if nomination.is_past_its_end:
        raise MoveRefused("Le jour annoncé est passé : cette fonction a pris fin.")
    record(
        nomination,
        [NominationState.IN_OFFICE],
        "Cette fonction a déjà pris fin.",
        end_announced_as="",
        end_announced_on=None,
        end_announced_by=None,
    )
    record_change(nomination, "drop_announced_end", by=by)


@transaction.atomic
def tell_vacancy(
    nomination: Nomination, *, by: User, letter_on: dt.date, reference: str
) -> None:
    """Record the structure's letter to the regional director (4.3)."""
    refuse_if(why_not_record(by))
    if letter_on > timezone.localdate():
        raise MoveRefused("La date de cette lettre est à venir.")
    record(
        nomination,
        ENDED_STATES,
        "Ce RGC est en fonction : son poste n’est pas vacant.",
        vacancy_letter_on=letter_on,
        vacancy_letter_reference=reference,
    )
    record_change(nomination, "tell_vacancy", by=by, on=letter_on.isoformat())


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


# --- Shared ---------------------------------------------------------------------------
