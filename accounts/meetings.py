"""Review meetings and what partners propose: what each party does to them (art. 11).

France Travail plans a meeting, writes its minutes and decisions, and answers
proposals; the structure confirms, remarks, deposits and withdraws. Each is one
transaction with its line in the journal, which holds no text; e-mails hold a link.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.agreements import save
from accounts.deadlines import members, tell
from accounts.emails import meetings as emails
from accounts.models import (
    Decision,
    Minutes,
    Remark,
    ReviewMeeting,
    Role,
    Structure,
    Suggestion,
    User,
)
from accounts.models.conventions import IN_FORCE_STATES
from accounts.models.suggestions import Answer
from accounts.models.users import COUNTED_STATES
from opus.lib.audit import Action, record
from opus.lib.states import MoveRefused

NOT_STAFF = "Seul le personnel de France Travail tient le registre des réunions."


def check_staff(by: User) -> None:
    """
    Raises:
        MoveRefused: a partner reads, confirms and remarks, whatever the way in.
    """
    if not by.is_staff:
        raise MoveRefused(NOT_STAFF)


def lock(meeting: ReviewMeeting) -> ReviewMeeting:
    """Its row, held until commit."""
    return (
        ReviewMeeting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("convention")
        .get(pk=meeting.pk)
    )


# --- Meetings ---------------------------------------------------------------------


@transaction.atomic
def plan(meeting: ReviewMeeting, *, by: User) -> ReviewMeeting:
    """Set the day, the place and the period of the figures.

    Raises:
        MoveRefused: by a partner; the convention is not signed, or is over.
    """
    check_staff(by)
    if meeting.convention.state not in IN_FORCE_STATES:
        raise MoveRefused("Cette convention n’est pas signée, ou elle a pris fin.")
    save(meeting)
    meeting.steps.create(origin="", target=meeting.state, by=by)
    tell(Action.MEETING_CHANGED, meeting, by, "plan", meeting.convention)
    return meeting


@transaction.atomic
def hold(meeting: ReviewMeeting, *, by: User, on: dt.date, attended: list[str]) -> None:
    """It took place, with these functions around the table.

    Raises:
        MoveRefused: one party was missing, or the day is to come.
    """
    check_staff(by)
    meeting.hold(by=by, on=on, attended=attended)
    tell(Action.MEETING_CHANGED, meeting, by, "hold", meeting.convention)


@transaction.atomic
def cancel(meeting: ReviewMeeting, *, by: User, reason: str) -> None:
    check_staff(by)
    meeting.cancel(by=by, reason=reason)
    tell(
        Action.MEETING_CHANGED, meeting, by, "cancel", meeting.convention, reason=reason
    )


@transaction.atomic
def write_minutes(meeting: ReviewMeeting, *, by: User, text: str) -> Minutes:
    """Another version of the minutes, which the RGC is asked to confirm.

    Raises:
        MoveRefused: the meeting was not held, or its minutes are agreed on.
    """
    check_staff(by)
    meeting = lock(meeting)
    check_open(meeting)
    last = meeting.minutes.aggregate(last=Max("version"))["last"] or 0
    minutes = Minutes(meeting=meeting, version=last + 1, text=text, by=by)
    save(minutes)
    revise(meeting)
    tell(
        Action.MEETING_CHANGED,
        meeting,
        by,
        "write",
        meeting.convention,
        version=minutes.version,
    )
    for person in members(meeting.convention).filter(role=Role.RGC):
        emails.minutes_to_read.post(
            key=f"{meeting.pk}:{minutes.version}:{person.pk}",
            meeting=str(meeting.pk),
            account=person.pk,
        )
    return minutes


@transaction.atomic
def decide(
    meeting: ReviewMeeting, *, by: User, text: str, carrier: str, due_on: dt.date
) -> Decision:
    """Another decision, with the next number.

    Raises:
        MoveRefused: the meeting was not held, or its minutes are agreed on.
    """
    check_staff(by)
    meeting = lock(meeting)
    check_open(meeting)
    last = meeting.decisions.aggregate(last=Max("number"))["last"] or 0
    decision = Decision(
        meeting=meeting, number=last + 1, text=text, carrier=carrier, due_on=due_on
    )
    save(decision)
    revise(meeting)
    tell(
        Action.MEETING_CHANGED,
        meeting,
        by,
        "decide",
        meeting.convention,
        number=decision.number,
    )
    return decision


@transaction.atomic
def close_decision(
    decision: Decision, *, by: User, on: dt.date, is_dropped: bool
) -> None:
    """It was done, or has no object any more.

    Raises:
        MoveRefused: it is closed already, or that day is to come.
    """
    check_staff(by)
    meeting = lock(decision.meeting)
    decision.refresh_from_db()
    if not decision.is_open:
        raise MoveRefused("Cette décision est déjà close : rechargez la page.")
    if on > timezone.localdate():
        raise MoveRefused("Ce jour est à venir : la décision n’est pas encore close.")
    decision.closed_on, decision.is_dropped = on, is_dropped
    decision.save(update_fields=["closed_on", "is_dropped"])
    tell(
        Action.MEETING_CHANGED,
        meeting,
        by,
        "drop_decision" if is_dropped else "close_decision",
        meeting.convention,
        number=decision.number,
    )


@transaction.atomic
def reopen(meeting: ReviewMeeting, *, by: User) -> None:
    """To correct what was agreed on; every version stays."""
    check_staff(by)
    meeting.reopen(by=by)
    tell(Action.MEETING_CHANGED, meeting, by, "reopen", meeting.convention)


@transaction.atomic
def agree(meeting: ReviewMeeting, *, by: User, revision: int) -> None:
    """The structure's word, by its RGC, on what he read.

    Raises:
        MoveRefused: by anybody else; or something was written meanwhile.
    """
    check_rgc(meeting, by)
    meeting = lock(meeting)
    meeting.agree(by=by, revision=revision)
    tell(Action.MEETING_CHANGED, meeting, by, "agree", meeting.convention)


@transaction.atomic
def remark(meeting: ReviewMeeting, *, by: User, text: str) -> Remark:
    """What the RGC would have France Travail correct.

    Raises:
        MoveRefused: by anybody else; or there is nothing to remark on.
    """
    check_rgc(meeting, by)
    meeting = lock(meeting)
    check_open(meeting)
    latest = meeting.latest_minutes
    if latest is None:
        raise MoveRefused("Il n’y a pas encore de compte rendu à commenter.")
    remark = Remark(meeting=meeting, version=latest.version, text=text, by=by)
    save(remark)
    tell(
        Action.MEETING_CHANGED,
        meeting,
        by,
        "remark",
        meeting.convention,
        version=latest.version,
    )
    return remark


def check_open(meeting: ReviewMeeting) -> None:
    """
    Raises:
        MoveRefused: its minutes cannot be written now.
    """
    if not meeting.may_be_written:
        raise MoveRefused(
            "Le compte rendu et les décisions s’écrivent une fois la réunion tenue, et "
            "tant qu’ils ne sont pas validés : rechargez la page."
        )


def check_rgc(meeting: ReviewMeeting, by: User) -> None:
    """
    Raises:
        MoveRefused: this is not the RGC of the meeting's structure.
    """
    is_theirs = by.structure_id == meeting.convention.structure_id
    if by.role != Role.RGC or not is_theirs:
        raise MoveRefused("Le RGC de la structure valide ou commente le compte rendu.")


def revise(meeting: ReviewMeeting) -> None:
    """What the RGC read is not what stands there now."""
    ReviewMeeting.objects.filter(pk=meeting.pk).update(revision=F("revision") + 1)
    meeting.refresh_from_db(fields=["revision"])


# --- Proposals of evolution -------------------------------------------------------


@transaction.atomic
def deposit(suggestion: Suggestion, *, by: User) -> Suggestion:
    """A partner's member proposes a change to Opus, for its structure.

    Raises:
        MoveRefused: another of this title waits already.
    """
    suggestion.author = by
    save(suggestion)
    suggestion.steps.create(origin="", target=suggestion.state, by=by)
    tell_suggestion(suggestion, by, "deposit", area=suggestion.area)
    return suggestion


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User) -> None:
    suggestion.withdraw(by=by)
    tell_suggestion(suggestion, by, "withdraw")


@transaction.atomic
def study(suggestion: Suggestion, *, by: User, answer: str = "") -> None:
    check_staff(by)
    suggestion.study(by=by)
    answered(suggestion, by, "study", answer)


@transaction.atomic
def keep(
    suggestion: Suggestion,
    *,
    by: User,
    on: dt.date | None = None,
    version: str = "",
    answer: str = "",
) -> None:
    """It will come: on a day, in a version, or both."""
    check_staff(by)
    suggestion.keep(by=by, on=on, version=version)
    answered(suggestion, by, "keep", answer)


@transaction.atomic
def finish(suggestion: Suggestion, *, by: User, answer: str = "") -> None:
    check_staff(by)
    suggestion.finish(by=by)
    answered(suggestion, by, "finish", answer)


@transaction.atomic
def set_aside(suggestion: Suggestion, *, by: User, answer: str) -> None:
    """It will not come.

    Raises:
        MoveRefused: without the reason, which the structure reads.
    """
    check_staff(by)
    if not answer.strip():
        raise MoveRefused("Dites à la structure pourquoi sa proposition est écartée.")
    suggestion.set_aside(by=by)
    answered(suggestion, by, "set_aside", answer)


@transaction.atomic
def discuss(suggestion: Suggestion, *, by: User, meeting: ReviewMeeting) -> None:
    """It was spoken of at that meeting.

    Raises:
        MoveRefused: the meeting is another structure's.
    """
    check_staff(by)
    if meeting.convention.structure_id != suggestion.structure_id:
        raise MoveRefused("Cette réunion est celle d’une autre structure.")
    suggestion.meeting = meeting
    suggestion.save(update_fields=["meeting"])
    tell_suggestion(suggestion, by, "discuss", meeting=str(meeting.pk))


def answered(suggestion: Suggestion, by: User, verb: str, answer: str) -> None:
    """France Travail moved it: its words are kept, its structure is told by a link."""
    if answer.strip():
        save(Answer(suggestion=suggestion, state=suggestion.state, text=answer.strip()))
    tell_suggestion(suggestion, by, verb)
    for person in readers_of(suggestion):
        emails.suggestion_moved.post(
            key=f"{suggestion.pk}:{suggestion.state}:{person.pk}",
            suggestion=str(suggestion.pk),
            account=person.pk,
        )


def readers_of(suggestion: Suggestion) -> list[User]:
    """Whom a move is told to: the author, and the RGC of the structure."""
    people = User.objects.filter(
        structure=suggestion.structure_id, state__in=COUNTED_STATES
    )
    author = people.filter(pk=suggestion.author_id)
    return list((people.filter(role=Role.RGC) | author).order_by("pk"))


def tell_suggestion(
    suggestion: Suggestion, by: User, verb: str, **details: Any
) -> None:
    """One line of the journal, without a word of the text."""
    record(
        Action.SUGGESTION_CHANGED,
        by=by,
        target=suggestion,
        details={"verb": verb, "structure": suggestion.structure_id, **details},
    )


def structure_is_due(structure: Structure) -> bool:
    """Whether its convention in force was not reviewed for a year."""
    return structure.conventions.without_review().exists()
