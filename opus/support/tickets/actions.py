"""Requests for assistance: opened, answered, closed (art. 6, R11, R18).

A proposal of evolution gets a status instead of an answer (art. 11). Each action is one
transaction and one entry of the journal, without words of the messages. E-mails have a
number and a link, never the text.
"""

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.support.tickets import emails
from opus.support.tickets.models import TOO_LATE, Kind, Ticket, TicketState

CLOSED = "Cette demande est close : il n’y a plus à y répondre."


def draw_number() -> str:
    """Return the next number, such as ``AST-2026-000042``; never reused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('support_ticket_number')")
        (number,) = cursor.fetchone()
    return f"AST-{timezone.localdate().year}-{number:06d}"


@transaction.atomic
def open_ticket(
    *, by: User | None, topic: str, subject: str, text: str, email: str = ""
) -> Ticket:
    """Open a request, by an account or an address."""
    ticket = Ticket(
        number=draw_number(),
        topic=topic,
        subject=subject,
        author=by,
        structure=by.structure if by else None,
        email="" if by else email,
        created_at=timezone.now(),
    )
    ticket.start_clock(ticket.created_at)
    ticket.save(force_insert=True)
    ticket.steps.create(origin="", target=ticket.state, by=by)
    ticket.messages.create(kind=Kind.AUTHOR, text=text, by=by)
    details = {"topic": str(topic)}
    journal.record(Action.TICKET_OPENED, by=by, target=ticket, details=details)
    emails.ticket_received.post(key=f"ticket:{ticket.pk}", ticket=str(ticket.pk))
    return ticket


@transaction.atomic
def speak(ticket: Ticket, *, by: User | None, text: str) -> None:
    """Add its author's message; raise MoveRefused if too late."""
    ticket = lock(ticket)
    if not ticket.may_speak:
        raise MoveRefused(TOO_LATE)
    if ticket.state == TicketState.WAITING:
        ticket.move_to(TicketState.TAKEN, by=by)
    elif not ticket.is_owed:
        ticket.reopen(by=by)
    ticket.messages.create(kind=Kind.AUTHOR, text=text, by=by)
    record_change(ticket, "message", by=by)


@transaction.atomic
def take_charge(ticket: Ticket, *, by: User) -> None:
    """Assign it to oneself; raise MoveRefused if not owed."""
    ticket = lock_owed(ticket)
    ticket.take_charge(by=by)
    record_change(ticket, "prise", by=by)


@transaction.atomic
def assign(ticket: Ticket, *, by: User, to: User) -> None:
    """Assign it to a colleague; raise MoveRefused if not owed."""
    ticket = lock_owed(ticket)
    if ticket.state in {TicketState.OPEN, TicketState.REOPENED}:
        ticket.take_charge(by=by)
    ticket.hand_to(to)
    record_change(ticket, "confiee", by=by, to=to.pk)
    if to != by:
        key = f"{ticket.pk}:{to.pk}:{timezone.now().isoformat()}"
        emails.ticket_assigned.post(key=key, ticket=str(ticket.pk), account=to.pk)


@transaction.atomic
def answer(ticket: Ticket, *, by: User, text: str) -> None:
    """Answer, a new one taken first; raise MoveRefused."""
    if ticket.is_proposal:
        raise MoveRefused("Une suggestion reçoit un état, pas une réponse.")
    say(ticket, Kind.ANSWER, by=by, text=text)


@transaction.atomic
def request_details(ticket: Ticket, *, by: User, text: str) -> None:
    """Request details; raise MoveRefused if not owed or repeated."""
    say(ticket, Kind.QUESTION, by=by, text=text)


def say(ticket: Ticket, kind: Kind, *, by: User, text: str) -> None:
    ticket = lock_owed(ticket)
    if ticket.state in {TicketState.OPEN, TicketState.REOPENED}:
        ticket.take_charge(by=by)
    if kind == Kind.ANSWER:
        ticket.answer(by=by)
    else:
        ticket.move_to(TicketState.WAITING, by=by)  # The delay goes on.
    message = ticket.messages.create(kind=kind, text=text, by=by)
    record_change(ticket, kind, by=by)
    emails.ticket_spoken.post(key=f"message:{message.pk}", message=message.pk)


@transaction.atomic
def follow_up(
    ticket: Ticket, target: str, *, by: User, text: str = "", reason: str = ""
) -> None:
    """Give a proposal its next status; raise MoveRefused."""
    ticket = lock(ticket)
    if not ticket.is_proposal:
        raise MoveRefused("Cette demande n’est pas une suggestion.")
    if ticket.state == TicketState.OPEN:
        ticket.take_charge(by=by)
    ticket.follow_up(target, by=by, reason=reason)
    if text:
        ticket.messages.create(kind=Kind.ANSWER, text=text, by=by)
    record_change(ticket, target, by=by)
    people = User.objects.filter(structure=ticket.structure, state__in=COUNTED_STATES)
    followers = people.filter(Q(role=Role.RGC) | Q(tickets=ticket)).order_by("pk")
    for account in followers.values_list("pk", flat=True):
        key = f"{ticket.pk}:{target}:{account}"
        emails.proposal_moved.post(key=key, ticket=str(ticket.pk), account=account)


@transaction.atomic
def note(ticket: Ticket, *, by: User, text: str) -> None:
    ticket.notes.create(text=text, by=by)
    record_change(ticket, "note", by=by)


@transaction.atomic
def close(ticket: Ticket, *, by: User, closing: str) -> None:
    """Close it; raise MoveRefused if the reason does not fit."""
    ticket = lock(ticket)
    ticket.close(by=by, closing=closing)
    record_change(ticket, "cloture", by=by, closing=closing)


def lock(ticket: Ticket) -> Ticket:
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("author").get(pk=ticket.pk)


def lock_owed(ticket: Ticket) -> Ticket:
    ticket = lock(ticket)
    if not ticket.is_owed:
        raise MoveRefused(CLOSED)
    return ticket


def record_change(
    ticket: Ticket, what: str, *, by: User | None, **details: object
) -> None:
    """Record the action, without a word of the message."""
    details = {"what": str(what), **details}
    journal.record(Action.TICKET_CHANGED, by=by, target=ticket, details=details)
