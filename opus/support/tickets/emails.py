"""E-mails of a request, without its text (V17)."""

from django.core.mail import EmailMessage

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button
from opus.support.tickets.models import Kind, Message, Ticket


@outbox.mail("ticket-received")
def ticket_received(*, ticket: str) -> EmailMessage:
    """Compose the acknowledgement (art. 6): number, deadlines, link."""
    found = Ticket.objects.select_related("author").get(pk=ticket)
    return outbox.compose_email(
        to=found.address,
        subject=f"demande {found.number} enregistrée",
        template="support/tickets/emails/ticket_received.txt",
        context={"ticket": found},
        button=button("Suivre ma demande", found.link),
    )


@outbox.mail("ticket-spoken")
def ticket_spoken(*, message: int) -> EmailMessage:
    found = Message.objects.select_related("ticket__author").get(pk=message)
    ticket, is_answer = found.ticket, found.kind == Kind.ANSWER
    what = "réponse à la demande" if is_answer else "précision attendue sur la demande"
    label = "Lire la réponse" if is_answer else "Lire et répondre"
    return outbox.compose_email(
        to=ticket.address,
        subject=f"{what} {ticket.number}",
        template="support/tickets/emails/ticket_spoken.txt",
        context={"ticket": ticket, "is_answer": is_answer},
        button=button(label, ticket.link),
    )


@outbox.mail("ticket-assigned")
def ticket_assigned(*, ticket: str, account: int) -> EmailMessage | None:
    """Notify a new assignee; None once it is another's, or answered."""
    found = Ticket.objects.get(pk=ticket)
    person = User.objects.get(pk=account)
    is_theirs = found.is_owed and found.assignee_id == person.pk
    if not (person.is_active and is_theirs):
        return None
    return outbox.compose_email(
        to=person.email,
        subject=f"la demande {found.number} vous est confiée",
        template="support/tickets/emails/ticket_assigned.txt",
        context={"ticket": found},
        button=button("Voir la demande", "admin:support_ticket_change", found.pk),
    )


@outbox.mail("proposal-moved")
def proposal_moved(*, ticket: str, account: int) -> EmailMessage | None:
    found = Ticket.objects.get(pk=ticket)
    person = User.objects.get(pk=account)
    if not person.is_active:
        return None
    return outbox.compose_email(
        to=person.email,
        subject=f"du nouveau pour la suggestion {found.number}",
        template="support/tickets/emails/proposal_moved.txt",
        context={"ticket": found, "is_author": person.pk == found.author_id},
        button=button("Lire la réponse", found),
    )
