"""The rows of the desk, with a trait for each state."""

import datetime as dt
from typing import Any

import factory
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.signin.models import TotpDevice
from opus.lib.privacy.personal_data import PersonKind
from opus.support.data_rights.models import (
    Answer,
    Check,
    GestureKind,
    PersonFile,
    RequestState,
    Right,
    RightsRequest,
    Route,
)
from opus.support.help.models import CertifiedBrowser, Guide, Question, Theme
from opus.support.news.models import Announcement, AnnouncementKind, AnnouncementState
from opus.support.service_status.models import Incident, PlannedWork
from opus.support.surveys.models import QUESTIONS, Survey, SurveyAnswer
from opus.support.tickets.actions import draw_number
from opus.support.tickets.models import Closing, Kind, Ticket, TicketState, Topic
from tests.accounts.factories import AdviserFactory, AgencyFactory, FtAdminFactory


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


ASSIGNED: dict[str, Any] = {"assignee": factory.SubFactory(FtAdminFactory)}
ANSWERED = ASSIGNED | {"answered_at": factory.LazyFunction(timezone.now)}


class TicketFactory(DjangoModelFactory):
    """A request just opened by an adviser; its traits are the states that follow."""

    class Meta:
        model = Ticket
        skip_postgeneration_save = True

    class Params:
        proposal = factory.Trait(topic=Topic.EVOLUTION)
        declined_proposal = factory.Trait(proposal=True, declined=True)
        studied = factory.Trait(state=TicketState.STUDIED, **ANSWERED)
        declined = factory.Trait(
            state=TicketState.DECLINED,
            declined_because="Le réseau ne le permet pas.",
            **ANSWERED,
        )
        # Written without signing in.
        by_mail = factory.Trait(
            author=None, structure=None, email="perdue@ccas.example"
        )
        taken = factory.Trait(state=TicketState.TAKEN, **ASSIGNED)
        waiting = factory.Trait(state=TicketState.WAITING, **ASSIGNED)
        answered = factory.Trait(state=TicketState.ANSWERED, **ANSWERED)
        closed = factory.Trait(
            state=TicketState.CLOSED, closing=Closing.SETTLED, **ANSWERED
        )
        reopened = factory.Trait(state=TicketState.REOPENED, **ANSWERED)

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


DAY = dt.timedelta(days=1)


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def to_the_minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


class AnnouncementFactory(DjangoModelFactory):
    """A published information for everybody."""

    class Meta:
        model = Announcement

    kind = AnnouncementKind.INFORMATION
    title = factory.Sequence(lambda n: f"Nouvelle adresse de l’agence {n}")
    text = "L’agence a déménagé.\nSon téléphone reste le même."
    state = AnnouncementState.PUBLISHED
    published_on = factory.LazyFunction(timezone.localdate)

    class Params:
        draft = factory.Trait(state=AnnouncementState.DRAFT, published_on=None)
        change = factory.Trait(
            kind=AnnouncementKind.CHANGE,
            note="Ouvrez la page Suivi.",
            goes_live_on=factory.LazyFunction(lambda: in_days(5)),
        )
        withdrawn = factory.Trait(state=AnnouncementState.WITHDRAWN)


class IncidentFactory(DjangoModelFactory):
    """An incident under way, told a moment ago."""

    class Meta:
        model = Incident

    title = "L’impression des documents"
    advice = "Imprimez la version à l’écran."
    declared_at = factory.LazyFunction(timezone.now)
    started_at = factory.LazyAttribute(lambda incident: incident.declared_at)

    class Params:
        silent = factory.Trait(
            declared_at=factory.LazyFunction(
                lambda: timezone.now() - DAY - dt.timedelta(minutes=1)
            )
        )
        over = factory.Trait(
            ended_at=factory.LazyFunction(timezone.now), summary="Un disque plein."
        )


class PlannedWorkFactory(DjangoModelFactory):
    """Works in six days, for an hour."""

    class Meta:
        model = PlannedWork

    title = "Tout Opus"
    advice = "Imprimez vos documents la veille."
    starts_at = factory.LazyFunction(lambda: to_the_minute(timezone.now() + 6 * DAY))
    ends_at = factory.LazyAttribute(
        lambda works: works.starts_at + dt.timedelta(hours=1)
    )
    announced_at = factory.LazyAttribute(
        lambda works: min(timezone.now(), works.starts_at - 6 * DAY)
    )

    class Params:
        under_way = factory.Trait(
            starts_at=factory.LazyFunction(
                lambda: to_the_minute(timezone.now() - dt.timedelta(minutes=10))
            )
        )


class SurveyFactory(DjangoModelFactory):
    """A survey that is open today."""

    class Meta:
        model = Survey

    opens_on = factory.LazyFunction(lambda: in_days(-1))
    closes_on = factory.LazyFunction(lambda: in_days(10))
    rank = 1

    class Params:
        over = factory.Trait(
            opens_on=factory.LazyFunction(lambda: in_days(-20)),
            closes_on=factory.LazyFunction(lambda: in_days(-1)),
        )


MARKS = dict.fromkeys(QUESTIONS, 4)


def answer(survey: Survey, times: int = 1, **given: Any) -> None:
    """That many answers, all alike."""
    SurveyAnswer.objects.bulk_create(
        SurveyAnswer(survey=survey, **{**MARKS, **given}) for _ in range(times)
    )


def probe_between(low: dt.datetime, high: dt.datetime, state: str = "ok") -> None:
    """A row for each minute, its end left out; those that stand already stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO support_probe (minute, state, latency_ms)"
            " SELECT minute, %s, 12 FROM generate_series("
            "%s::timestamptz, %s::timestamptz - interval '1 minute', '1 minute')"
            " AS minute ON CONFLICT DO NOTHING",
            [state, low, high],
        )


CHECKED = {
    "check_done": Check.IN_PERSON,
    "checked_on": factory.LazyFunction(timezone.localdate),
    "checked_by": factory.SubFactory(FtAdminFactory),
}


class RightsRequestFactory(DjangoModelFactory):
    """An adviser's, to the DPO, received today; whose account it is stands in it."""

    class Meta:
        model = RightsRequest
        skip_postgeneration_save = True

    class Params:
        registered = factory.Trait(
            kind=PersonKind.REGISTERED,
            addressed_to=Route.AGENCY,
            account=None,
            agency=factory.SubFactory(AgencyFactory, safir="38086"),
        )
        misrouted = factory.Trait(addressed_to=Route.AGENCY)
        verified = factory.Trait(state=RequestState.VERIFIED, **CHECKED)
        under_way = factory.Trait(state=RequestState.UNDER_WAY, **CHECKED)
        answered = factory.Trait(
            state=RequestState.ANSWERED,
            ended_on=factory.LazyFunction(timezone.localdate),
            **CHECKED,
        )
        refused = factory.Trait(
            state=RequestState.REFUSED,
            refused_because="identite",
            ended_on=factory.LazyFunction(timezone.localdate),
        )

    kind = PersonKind.PARTNER
    right = Right.ACCESS
    addressed_to = Route.DPO
    name = "Odile Demandeuse"
    reply_to = "odile.demandeuse@partenaire.example"
    account = factory.SubFactory(AdviserFactory)
    recorded_by = factory.SubFactory(FtAdminFactory)

    @factory.post_generation
    def ready(self, create: bool, extracted: bool, **_: object) -> None:
        """A copy of the data, made and not yet taken."""
        if extracted:
            PersonFileFactory(request=self, ready=True)

    @factory.post_generation
    def answerable(self, create: bool, extracted: bool, **_: object) -> None:
        """Under way, and its copy was given: an answer may be recorded."""
        if extracted:
            self.gestures.create(
                kind=GestureKind.COPY, answer=Answer.GRANTED, by=FtAdminFactory()
            )


class PersonFileFactory(DjangoModelFactory):
    class Meta:
        model = PersonFile

    class Params:
        ready = factory.Trait(
            state="pret",
            content=factory.LazyFunction(lambda: TotpDevice.vault().encrypt(b"essai")),
            size=5,
            ready_at=factory.LazyFunction(timezone.now),
        )

    request = factory.SubFactory(RightsRequestFactory, under_way=True)
    asked_by = factory.SubFactory(FtAdminFactory)
    what = "person"
    title = "Demande"
    format = "zip"
