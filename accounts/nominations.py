"""The RGC from proposal to departure: what France Travail records (art. 4.1 to 4.3).

Each is one transaction, with its line in the journal and, where the convention asks for
one, its registered letter. Agents propose and record facts; decisions belong to
administrators, of the level that the article names (domain 5.7). The questions
``why_not_…`` answer for the buttons as for the actions.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import activation, letters
from accounts.emails import nominations as emails
from accounts.mailboxes import validate_personal
from accounts.models import (
    LetterKind,
    Nomination,
    NominationState,
    Role,
    User,
    UserState,
)
from accounts.models.conventions import OVER_STATES
from accounts.models.nominations import AnnouncedEnd
from accounts.models.users import PARTNER_ROLES
from accounts.scope import REGIONAL, TERRITORIAL, level_of
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.states import MoveRefused

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


# --- Who may --------------------------------------------------------------------------


def why_not_record(by: User) -> str:
    """Why somebody may not record a fact; nothing where he may: staff, no partner."""
    return "" if by.is_staff else NOT_STAFF


def why_not_administer(by: User) -> str:
    if not by.is_staff:
        return NOT_STAFF
    return "" if by.role == Role.FT_ADMIN else NOT_ADMIN


def why_not_decide(by: User) -> str:
    """The territorial director's decisions (4.1)."""
    if sentence := why_not_administer(by):
        return sentence
    return "" if level_of(by) in TERRITORIAL else NOT_TERRITORIAL


def why_not_withdraw(by: User) -> str:
    """The regional director's decisions (4.3)."""
    if sentence := why_not_administer(by):
        return sentence
    return "" if level_of(by) in REGIONAL else NOT_REGIONAL


def why_not_put_in_office(nomination: Nomination, by: User) -> str:
    """Neither by who recorded the agreement (S28), nor on a convention that is over."""
    if sentence := why_not_administer(by):
        return sentence
    if nomination.accepted_by_id == by.pk:
        return FOUR_EYES
    return CONVENTION_OVER if nomination.convention.state in OVER_STATES else ""


def refuse_if(sentence: str) -> None:
    """
    Raises:
        MoveRefused: there is a reason.
    """
    if sentence:
        raise MoveRefused(sentence)


# --- From the proposal to the office (4.1) --------------------------------------------


@transaction.atomic
def propose(nomination: Nomination, *, by: User) -> None:
    """Record the structure's proposal, prepared and unsaved.

    Raises:
        MoveRefused: by a partner, or the convention is over.
        ValidationError: the mailbox is a desk's (S12).
    """
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
    tell(nomination, "propose", by=by, previous=nomination.previous_id)


@transaction.atomic
def advise(
    nomination: Nomination,
    *,
    by: User,
    opinion: str,
    opinion_on: dt.date,
    opinion_by: str,
) -> None:
    """Record the site director's opinion, which the decision may do without (4.1)."""
    refuse_if(why_not_record(by))
    nomination.advise(opinion=opinion, opinion_on=opinion_on, opinion_by=opinion_by)
    tell(nomination, "advise", by=by, opinion=opinion, on=opinion_on.isoformat())


@transaction.atomic
def accept(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reference: str,
) -> None:
    """Record the territorial director's written agreement; its letter is prepared."""
    refuse_if(why_not_decide(by))
    nomination.accept(
        by=by, decided_on=decided_on, decision_by=decision_by, reference=reference
    )
    parts = write(LetterKind.APPOINTMENT_AGREED, nomination, by=by)
    tell(nomination, "accept", by=by, parts=parts, on=decided_on.isoformat())


@transaction.atomic
def refuse(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reference: str,
    reason: str,
) -> None:
    """Record his refusal, with its reason; its letter asks for another proposal."""
    refuse_if(why_not_decide(by))
    nomination.refuse(
        by=by,
        decided_on=decided_on,
        decision_by=decision_by,
        reference=reference,
        reason=reason,
    )
    parts = write(LetterKind.APPOINTMENT_REFUSED, nomination, by=by)
    on = decided_on.isoformat()
    tell(nomination, "refuse", by=by, parts=parts, on=on, reason=reason)


@transaction.atomic
def abandon(nomination: Nomination, *, by: User) -> None:
    """The structure takes its proposal back, or the person gives it up."""
    refuse_if(why_not_administer(by))
    nomination.abandon(by=by)
    tell(nomination, "abandon", by=by)


@transaction.atomic
def provide_account(nomination: Nomination, *, by: User) -> User:
    """Open the RGC's account; identifier and link leave by two e-mails (art. 6).

    Somebody of the structure who has an account keeps it, with its identifier: it is
    his (art. 5.1). His role changes the day he takes office.

    Raises:
        MoveRefused: the proposal is not accepted, an account was provided, or the
            address is somebody's of another employer.
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
        with audit.gathering() as parts:
            activation.open_account(person, by=by)
    elif person.role not in PARTNER_ROLES or person.structure_id != structure.pk:
        raise MoveRefused(
            "Cette adresse est celle d’un compte d’une autre structure ou de France "
            "Travail. Demandez à la structure l’adresse professionnelle de la personne."
        )
    nomination.give_account(person)
    tell(nomination, "provide_account", by=by, parts=parts, account=person.pk)
    return person


def what_leaves(person: User) -> str:
    """Say what a person whose account was just provided receives."""
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
    nomination.hand_copy(given_on=given_on, channel=channel)
    tell(nomination, "hand_copy", by=by, on=given_on.isoformat(), channel=channel)


@transaction.atomic
def put_in_office(nomination: Nomination, *, by: User) -> None:
    """From this instant the person administers the structure's accounts (4.1).

    An adviser of the structure becomes its RGC: his seat of annexe 2 is free, his
    sessions end, his acts stay his.

    Raises:
        MoveRefused: by who recorded the agreement (S28); without account; or the
            convention is over.
    """
    nomination = lock(nomination)
    refuse_if(why_not_put_in_office(nomination, by))
    with audit.gathering() as parts:
        # Whose announced day has passed, where no job has run since.
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
        with audit.gathering() as change:
            audit.record(
                Action.ROLE_CHANGED, by=by, target=person, details={"role": Role.RGC}
            )
        parts += change
    emails.rgc_in_office.post(
        key=f"nomination:{nomination.pk}", nomination=nomination.pk
    )
    tell(nomination, "put_in_office", by=by, parts=parts)


# --- The end of the office, and the vacancy (4.3) -------------------------------------


@transaction.atomic
def advise_withdrawal(
    nomination: Nomination,
    *,
    by: User,
    director: str,
    opinion: str,
    opinion_on: dt.date,
    opinion_by: str,
) -> None:
    """Record the opinion that comes before a withdrawal."""
    refuse_if(why_not_record(by))
    nomination.advise_withdrawal(
        director=director,
        opinion=opinion,
        opinion_on=opinion_on,
        opinion_by=opinion_by,
    )
    tell(
        nomination,
        "advise_withdrawal",
        by=by,
        director=director,
        opinion=opinion,
        on=opinion_on.isoformat(),
    )


@transaction.atomic
def drop_withdrawal(nomination: Nomination, *, by: User) -> None:
    """The regional director leaves the RGC in office."""
    refuse_if(why_not_withdraw(by))
    nomination.drop_withdrawal()
    tell(nomination, "drop_withdrawal", by=by)


@transaction.atomic
def withdraw(
    nomination: Nomination,
    *,
    by: User,
    decided_on: dt.date,
    decision_by: str,
    reference: str,
    reason: str,
) -> None:
    """Record the regional director's withdrawal: access ends with this transaction.

    Raises:
        MoveRefused: not recorded by the region, or no opinion came before.
    """
    refuse_if(why_not_withdraw(by))
    nomination.withdraw(
        by=by,
        decided_on=decided_on,
        decision_by=decision_by,
        reference=reference,
        reason=reason,
    )
    parts = write(LetterKind.APPOINTMENT_WITHDRAWN, nomination, by=by)
    warn_of_vacancy(nomination)
    on = decided_on.isoformat()
    tell(nomination, "withdraw", by=by, parts=parts, on=on, reason=reason)


@transaction.atomic
def end_office(
    nomination: Nomination, *, by: User, ended_on: dt.date, is_absence: bool
) -> None:
    """The RGC left, or is away for more than three months: the post is vacant.

    Raises:
        MoveRefused: the day is to come, or he is not in office.
    """
    refuse_if(why_not_administer(by))
    if ended_on > timezone.localdate():
        raise MoveRefused(
            "Ce jour est à venir : le RGC administre les comptes jusque-là. "
            "Annoncez la fin de fonction : Opus l’enregistrera le jour venu."
        )
    vacate(nomination, by=by, letter_by=by, on=ended_on, is_absence=is_absence)


def vacate(
    nomination: Nomination,
    *,
    by: User | None,
    letter_by: User,
    on: dt.date,
    is_absence: bool,
) -> None:
    """Move the state, have the letter made, tell France Travail."""
    if is_absence:
        nomination.be_absent(by=by, ended_on=on)
    else:
        nomination.leave(by=by, ended_on=on)
    parts = write(LetterKind.VACANCY, nomination, by=letter_by)
    warn_of_vacancy(nomination)
    verb = "be_absent" if is_absence else "leave"
    tell(nomination, verb, by=by, parts=parts, on=on.isoformat())


@transaction.atomic
def announce_end(nomination: Nomination, *, by: User, how: str, on: dt.date) -> None:
    """Record beforehand that the RGC leaves, or will be away for three months (4.3).

    He administers the accounts until then; his access ends that day by predicate.

    Raises:
        MoveRefused: the day is not to come, or he is not in office.
    """
    refuse_if(why_not_administer(by))
    if on <= timezone.localdate():
        raise MoveRefused(
            "Ce jour n’est pas à venir : enregistrez le départ ou l’absence."
        )
    nomination.announce_end(by=by, how=how, on=on)
    tell(nomination, "announce_end", by=by, how=str(how), on=on.isoformat())


@transaction.atomic
def drop_announced_end(nomination: Nomination, *, by: User) -> None:
    """The RGC stays in office.

    Raises:
        MoveRefused: his office has ended, or its announced day has passed.
    """
    refuse_if(why_not_administer(by))
    nomination = lock(nomination)
    if nomination.is_past_its_end:
        raise MoveRefused("Le jour annoncé est passé : cette fonction a pris fin.")
    nomination.drop_announced_end()
    tell(nomination, "drop_announced_end", by=by)


def end_announced() -> int:
    """Have states say what announced days already do; each in its own transaction.

    Returns:
        How many offices ended.
    """
    due = Nomination.objects.past_their_end().order_by("pk")
    return sum(end_if_due(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def end_if_due(pk: int) -> bool:
    """End one office, unless another run did, or somebody changed the day."""
    rows = Nomination.objects.past_their_end().select_for_update(
        no_key=True, of=("self",)
    )
    due = rows.filter(pk=pk).select_related("convention", "end_announced_by").first()
    if due is None or due.end_announced_by is None or due.end_announced_on is None:
        return False  # A constraint keeps the three together.
    vacate(
        due,
        by=None,
        letter_by=due.end_announced_by,
        on=due.end_announced_on,
        is_absence=due.end_announced_as == AnnouncedEnd.ABSENCE,
    )
    return True


@transaction.atomic
def tell_vacancy(
    nomination: Nomination, *, by: User, letter_on: dt.date, reference: str
) -> None:
    """Record the structure's letter to the regional director (4.3)."""
    refuse_if(why_not_record(by))
    if letter_on > timezone.localdate():
        raise MoveRefused("La date de cette lettre est à venir.")
    nomination.tell_vacancy(letter_on=letter_on, reference=reference)
    tell(nomination, "tell_vacancy", by=by, on=letter_on.isoformat())


def may_close_account(nomination: Nomination) -> bool:
    """Whether the person's account serves no nomination any more."""
    person = nomination.person
    if person is None or not person.can_move_to(UserState.CLOSED):
        return False
    alive = [
        NominationState.PROPOSED,
        NominationState.ACCEPTED,
        NominationState.IN_OFFICE,
    ]
    return not person.nominations.filter(state__in=alive).exists()


# --- What they share ------------------------------------------------------------------


def lock(nomination: Nomination) -> Nomination:
    """The row as it stands now, locked until commit."""
    rows = Nomination.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("convention__structure", "person").get(pk=nomination.pk)


def write(
    kind: LetterKind, nomination: Nomination, *, by: User
) -> list[dict[str, Any]]:
    """Prepare the registered letter that notifies the change to the structure.

    Returns:
        What the change's own line of the journal tells of it.
    """
    with audit.gathering() as parts:
        letters.prepare(
            kind, convention=nomination.convention, nomination=nomination, by=by
        )
    return parts


def warn_of_vacancy(nomination: Nomination) -> None:
    """Tell France Travail's correspondent that a post is vacant."""
    if nomination.office_on:  # Else it was withdrawn before it began.
        emails.warn(emails.post_vacant, nomination)


def tell(
    nomination: Nomination,
    verb: str,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
    **details: Any,
) -> None:
    """One line of the journal: codes, dates and numbers."""
    audit.record(
        Action.NOMINATION_CHANGED,
        by=by,
        target=nomination,
        details={"verb": verb, **details},
        parts=parts,
    )
