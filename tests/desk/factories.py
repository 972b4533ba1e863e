"""Help texts and requests for assistance, with a trait for each state."""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from opus.desk.models import (
    CertifiedBrowser,
    Closing,
    Guide,
    Kind,
    Question,
    Theme,
    Ticket,
    TicketState,
    Topic,
)
from opus.desk.models.tickets import draw_number
from tests.accounts.factories import AdviserFactory, FtAdminFactory


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = Question

    slug = factory.Sequence(lambda n: f"question-{n}")
    theme = Theme.SERVICE
    title = factory.Sequence(lambda n: f"Question n° {n} ?")
    body = "Une réponse."


class GuideFactory(DjangoModelFactory):
    class Meta:
        model = Guide

    slug = factory.Sequence(lambda n: f"guide-{n}")
    title = factory.Sequence(lambda n: f"Écran n° {n}")
    body = "Un mode d’emploi."


class CertifiedBrowserFactory(DjangoModelFactory):
    class Meta:
        model = CertifiedBrowser

    name = factory.Sequence(lambda n: f"Navigateur {n}")
    since = "1"
    systems = "tous"
    passkeys = "oui"
    checking = "automatique"


class TicketFactory(DjangoModelFactory):
    """A request just opened by an adviser; its traits are the states that follow."""

    class Meta:
        model = Ticket
        skip_postgeneration_save = True

    class Params:
        # Written without signing in.
        by_mail = factory.Trait(
            author=None, structure=None, email="perdue@ccas.example"
        )
        taken = factory.Trait(
            state=TicketState.TAKEN, assignee=factory.SubFactory(FtAdminFactory)
        )
        waiting = factory.Trait(
            state=TicketState.WAITING, assignee=factory.SubFactory(FtAdminFactory)
        )
        answered = factory.Trait(
            state=TicketState.ANSWERED,
            assignee=factory.SubFactory(FtAdminFactory),
            answered_at=factory.LazyFunction(timezone.now),
        )
        closed = factory.Trait(
            state=TicketState.CLOSED,
            assignee=factory.SubFactory(FtAdminFactory),
            answered_at=factory.LazyFunction(timezone.now),
            closing=Closing.SETTLED,
        )
        reopened = factory.Trait(
            state=TicketState.REOPENED,
            assignee=factory.SubFactory(FtAdminFactory),
            answered_at=factory.LazyFunction(timezone.now),
        )

    number = factory.LazyFunction(draw_number)
    topic = Topic.OFFERS
    subject = "Une offre ne s’ouvre pas"
    author = factory.SubFactory(AdviserFactory)
    structure = factory.SelfAttribute("author.structure")
    created_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _build(
        cls, model_class: type[Ticket], *args: object, **kwargs: object
    ) -> Ticket:
        return clocked(model_class(*args, **kwargs), kwargs)

    @classmethod
    def _create(
        cls, model_class: type[Ticket], *args: object, **kwargs: object
    ) -> Ticket:
        ticket = cls._build(model_class, *args, **kwargs)
        ticket.save(force_insert=True)
        ticket.messages.create(
            kind=Kind.AUTHOR, text="Elle affiche une page vide.", by=ticket.author
        )
        return ticket


def clocked(ticket: Ticket, given: dict[str, object]) -> Ticket:
    """Its deadlines as the code counts them, but those that the test gives."""
    ticket.start_clock(ticket.created_at)
    for name in ("registered_at", "receipt_due_at", "answer_due_at"):
        if name in given:
            setattr(ticket, name, given[name])
    return ticket


def late_by(ticket: Ticket, delay: dt.timedelta) -> Ticket:
    """Its deadline passed so long ago."""
    ticket.answer_due_at = timezone.now() - delay
    ticket.save(update_fields=["answer_due_at"])
    return ticket
