"""Requests for assistance (art. 6), proposals of evolution (art. 11).

``docs/support.md`` says how the two delays of the convention are counted.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from accounts.structures.models import Structure
from accounts.users.models import User, person_key
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)
from opus.lib.dates import add_working_days, in_paris, past_months, registered_at
from opus.lib.outbound.models import OutboxEntry
from opus.lib.text_guard.fields import About, GuardedCharField, GuardedTextField

MESSAGE_MAX = 2000
REASON_MAX = 1000


class Topic(models.TextChoices):
    SIGN_IN = "connexion", "Connexion, mot de passe, second facteur"
    OFFERS = "offres", "Recherche et offres"
    ACTS = "actes", "Propositions (mise en contact, demande de CV, convocation)"
    DOCUMENTS = "documents", "Documents et impression"
    ACCOUNTS = "comptes", "Comptes, quota, convention"
    ACCESSIBILITY = "accessibilite", "Accessibilité"
    DATA = "donnees", "Données personnelles"
    EVOLUTION = "evolution", "Suggestion pour Opus"
    OTHER = "autre", "Autre sujet"


# Authors may mention their own health there: only identifiers are refused (V3).
OF_THE_WRITER = (Topic.ACCESSIBILITY, Topic.DATA)


class TicketState(models.TextChoices):
    OPEN = "ouvert", "ouverte"
    TAKEN = "pris", "prise en charge"
    WAITING = "precision", "en attente de précision"
    ANSWERED = "repondu", "répondue"
    CLOSED = "clos", "close"
    REOPENED = "rouvert", "rouverte"
    # Only for a proposal of evolution (art. 11).
    STUDIED = "etude", "à l’étude"
    PLANNED = "prevue", "prévue"
    DECLINED = "declinee", "déclinée"
    DELIVERED = "livree", "livrée"


PROPOSAL_STATES = (
    TicketState.STUDIED,
    TicketState.PLANNED,
    TicketState.DECLINED,
    TicketState.DELIVERED,
)
ENDS = (TicketState.ANSWERED, TicketState.CLOSED, *PROPOSAL_STATES)
# States without a next one.
FINAL = (TicketState.CLOSED, TicketState.DECLINED, TicketState.DELIVERED)
# States in which France Travail owes an answer: a request for details stops no delay.
OWED = (TicketState.OPEN, TicketState.TAKEN, TicketState.WAITING, TicketState.REOPENED)


class Closing(models.TextChoices):
    SETTLED = "repondue", "Réponse donnée"
    DUPLICATE = "doublon", "Doublon d’une autre demande"
    IRRELEVANT = "sans_objet", "Sans rapport avec Opus, ou indésirable"


class Kind(models.TextChoices):
    AUTHOR = "demande", "message du demandeur"
    ANSWER = "reponse", "réponse de France Travail"
    QUESTION = "precision", "France Travail demande une précision"


class Due(models.TextChoices):
    LATE = "retard", "en retard"
    TODAY = "aujourdhui", "à répondre aujourd’hui"
    AHEAD = "avenir", "dans le délai"
    KEPT = "tenu", "répondue dans le délai"
    MISSED = "depasse", "répondue hors délai"
    NONE = "sans", "sans réponse à donner"


WRONG_CLOSING = (
    "Ce motif ne convient pas : « Réponse donnée » demande une réponse ; une demande "
    "déjà répondue se clôt par ce motif seul."
)
TOO_LATE = (
    "Cette demande ne peut plus être rouverte : le délai pour revenir sur la réponse "
    "est passé. Faites une nouvelle demande, en rappelant son numéro."
)


SIGNER = TimestampSigner(salt="support.Ticket")
# Only the actions write these keys.
BY_ACTIONS: Any = {"editable": False, "related_name": "tickets"}


def end_of_today() -> dt.datetime:
    return in_paris(timezone.localdate() + dt.timedelta(days=1))


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> Self:
        """Filter one's own, and the proposals of one's structure."""
        return self.filter(author=user) | self.proposals_of(user)

    def proposals_of(self, user: User) -> Self:
        """Filter the proposals of that person's structure (art. 11)."""
        proposals = self.filter(topic=Topic.EVOLUTION, structure__isnull=False)
        return proposals.filter(structure=user.structure_id)

    def owed(self) -> Self:
        return self.filter(state__in=OWED)

    def late(self) -> Self:
        return self.owed().filter(answer_due_at__lte=timezone.now())

    def due_today(self) -> Self:
        rows = self.owed().filter(answer_due_at__gt=timezone.now())
        return rows.filter(answer_due_at__lt=end_of_today())

    def due_later(self) -> Self:
        return self.owed().filter(answer_due_at__gte=end_of_today())

    def to_close(self) -> Self:
        until = timezone.now() - settings.HELPDESK.reopened_within
        return self.filter(state=TicketState.ANSWERED, answered_at__lte=until)

    def at_term(self) -> Self:
        """Filter those closed for the retention of a request (V9)."""
        steps = TicketStep.objects.filter(ticket=OuterRef("pk"), target__in=FINAL)
        last = Subquery(steps.order_by("-at").values("at")[:1])
        closed = self.filter(state__in=FINAL).annotate(closed_at=last)
        return closed.filter(closed_at__lt=past_months(settings.KEPT.tickets))


class Ticket(Stateful):
    """A request of an account, else of an address."""

    MOVES = {
        TicketState.OPEN: {TicketState.TAKEN},
        TicketState.TAKEN: {TicketState.WAITING, *ENDS},
        TicketState.WAITING: {TicketState.TAKEN, *ENDS},
        TicketState.STUDIED: {
            TicketState.PLANNED,
            TicketState.DECLINED,
            TicketState.DELIVERED,
        },
        TicketState.PLANNED: {TicketState.DECLINED, TicketState.DELIVERED},
        TicketState.ANSWERED: {TicketState.CLOSED, TicketState.REOPENED},
        TicketState.CLOSED: {TicketState.REOPENED},
        TicketState.REOPENED: {TicketState.TAKEN},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("numéro", max_length=20, unique=True, editable=False)
    state = state_field(TicketState.OPEN)
    topic = models.CharField("sujet", max_length=20, choices=Topic)
    subject = GuardedCharField("objet", about=About.SERVICE, max_length=120)
    author = models.ForeignKey(
        User, models.PROTECT, verbose_name="demandeur", null=True, **BY_ACTIONS
    )
    # The author's structure at that time; it decides which staff see the request.
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", null=True, **BY_ACTIONS
    )
    # Only for an author who did not sign in.
    email = models.EmailField("courriel", blank=True, editable=False)
    assignee = person_key("confiée à", null=True, editable=False)
    created_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    registered_at = models.DateTimeField("enregistrée le", editable=False)
    receipt_due_at = models.DateTimeField("accusé de réception dû le", editable=False)
    answer_due_at = models.DateTimeField("réponse due le", editable=False)
    answered_at = models.DateTimeField("répondue le", null=True, editable=False)
    closing = models.CharField(
        "motif de clôture", max_length=20, choices=Closing, blank=True, editable=False
    )
    declined_because = GuardedTextField(
        "pourquoi elle est déclinée",
        about=About.SERVICE,
        blank=True,
        max_length=REASON_MAX,
        editable=False,
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’assistance"
        verbose_name_plural = "demandes d’assistance"
        ordering = ("-created_at", "-number")
        constraints = [
            known(TicketState, "ticket_state_is_known"),
            known(Topic, "ticket_topic_is_known", "topic"),
            models.CheckConstraint(
                condition=Q(author__isnull=False, email="")
                | (Q(author__isnull=True) & ~Q(email="")),
                name="ticket_is_of_an_account_or_an_address",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.CLOSED, closing__in=Closing.values)
                | (~Q(state=TicketState.CLOSED) & Q(closing="")),
                name="closed_ticket_says_why",
                violation_error_message="Dites pourquoi la demande est close.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TicketState.ANSWERED, *PROPOSAL_STATES])
                | Q(answered_at__isnull=False),
                name="answered_ticket_says_when",
            ),
            models.CheckConstraint(
                condition=Q(
                    ~Q(state__in=[TicketState.ANSWERED, TicketState.REOPENED]),
                    topic=Topic.EVOLUTION,
                    structure__isnull=False,
                )
                | (~Q(topic=Topic.EVOLUTION) & ~Q(state__in=PROPOSAL_STATES)),
                name="proposal_is_a_structures_and_has_its_states",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.DECLINED) & ~Q(declined_because="")
                | ~Q(state=TicketState.DECLINED) & Q(declined_because=""),
                name="declined_proposal_says_why",
                violation_error_message="Dites à la structure pourquoi sa suggestion "
                "est déclinée.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[TicketState.OPEN, TicketState.REOPENED])
                | Q(assignee__isnull=False),
                name="ticket_under_way_has_its_assignee",
                violation_error_message="Prenez d’abord la demande en charge.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_due_at"],
                condition=Q(state__in=OWED),
                name="tickets_owed_by_deadline",
            ),
            models.Index(fields=["author", "-created_at"], name="tickets_of_an_author"),
        ]

    def __str__(self) -> str:
        return f"demande {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("ticket", args=[self.pk])

    # --- Deadlines (R18) ----------------------------------------------------------

    def start_clock(self, now: dt.datetime) -> None:
        """Start both delays at registration, in service hours (art. 6)."""
        rules = settings.HELPDESK
        start = self.registered_at = registered_at(now)
        self.receipt_due_at = add_working_days(start, rules.acknowledged_within)
        self.answer_due_at = add_working_days(start, rules.answered_within)

    @property
    def due(self) -> Due:
        if self.is_owed:
            if self.answer_due_at <= timezone.now():
                return Due.LATE
            return Due.TODAY if self.answer_due_at < end_of_today() else Due.AHEAD
        # Reopened, then closed as a duplicate: the second request had no answer.
        if self.answered_at is None or self.closing not in ("", Closing.SETTLED):
            return Due.NONE
        return Due.KEPT if self.answered_at <= self.answer_due_at else Due.MISSED

    @property
    def is_owed(self) -> bool:
        return self.state in OWED

    @property
    def is_proposal(self) -> bool:
        return self.topic == Topic.EVOLUTION

    @property
    def status(self) -> str:
        """Return its state, « reçue » for an unanswered proposal."""
        if self.is_proposal and self.is_owed:
            return "reçue"
        return self.get_state_display()

    @property
    def status_history(self) -> list[dict[str, Any]]:
        shown = {TicketState.OPEN, TicketState.CLOSED, *PROPOSAL_STATES}
        labels: dict[str, str] = {one: capfirst(one.label) for one in shown}
        return [
            {"at": one.at, "label": labels[one.target] if one.origin else "Reçue"}
            for one in self.steps.all()
            if one.target in labels
        ]

    @property
    def acknowledgement(self) -> OutboxEntry | None:
        """Return the outbox entry of the e-mail with its number."""
        rows = OutboxEntry.objects.filter(effect="ticket-received")
        return rows.filter(key=f"ticket:{self.pk}").first()

    # --- Its author ---------------------------------------------------------------

    @property
    def address(self) -> str:
        return self.author.email if self.author else self.email

    @property
    def link(self) -> str:
        """Return its page: an account's, or a signed one."""
        if self.author_id:
            return self.get_absolute_url()
        return reverse("ticket_link", args=[SIGNER.sign(str(self.pk))])

    @classmethod
    def of_token(cls, token: str) -> Self:
        """Return the request of an e-mail's signed link; raise DoesNotExist."""
        try:
            pk = SIGNER.unsign(token, max_age=settings.HELPDESK.link_lasts)
        except BadSignature as error:
            raise cls.DoesNotExist from error
        # An account must sign in.
        return cls.objects.get(pk=pk, author=None)

    @property
    def reopens_until(self) -> dt.datetime | None:
        is_settled = self.closing == Closing.SETTLED
        if self.answered_at and (is_settled or self.state == TicketState.ANSWERED):
            return self.answered_at + settings.HELPDESK.reopened_within
        return None

    @property
    def can_be_reopened(self) -> bool:
        return bool(self.reopens_until and timezone.now() < self.reopens_until)

    @property
    def may_speak(self) -> bool:
        return self.is_owed or self.can_be_reopened

    def take_charge(self, *, by: User) -> None:
        if self.state in {TicketState.OPEN, TicketState.REOPENED}:
            self.move_to(TicketState.TAKEN, by=by, assignee=by)
        else:
            self.hand_to(by)

    def hand_to(self, person: User) -> None:
        self.assignee = person
        self.save(update_fields=["assignee"])

    def answer(self, *, by: User) -> None:
        self.move_to(TicketState.ANSWERED, by=by, answered_at=timezone.now())

    def follow_up(self, target: str, *, by: User, reason: str = "") -> None:
        """Give a proposal its next status; the first answers it."""
        because = reason if target == TicketState.DECLINED else ""
        at = self.answered_at or timezone.now()
        self.move_to(target, by=by, answered_at=at, declined_because=because)

    def close(self, *, by: User | None, closing: str) -> None:
        """Close it; raise MoveRefused if the reason does not fit."""
        if (self.state == TicketState.ANSWERED) != (closing == Closing.SETTLED):
            raise MoveRefused(WRONG_CLOSING)
        note = {"closing": closing}
        self.move_to(TicketState.CLOSED, by=by, note=note, closing=closing)

    def reopen(self, *, by: User | None) -> None:
        """Start another delay; raise MoveRefused if too late or unanswered."""
        if not self.can_be_reopened:
            raise MoveRefused(TOO_LATE)
        self.start_clock(timezone.now())
        self.move_to(
            TicketState.REOPENED,
            by=by,
            closing="",
            registered_at=self.registered_at,
            receipt_due_at=self.receipt_due_at,
            answer_due_at=self.answer_due_at,
        )


class TicketStep(Step):
    ticket = step_key(Ticket, "demande")

    class Meta(Step.Meta):
        verbose_name = "étape d’une demande d’assistance"
        verbose_name_plural = "étapes d’une demande d’assistance"


class Message(models.Model):
    """A message of its author or France Travail; never changed."""

    ticket = models.ForeignKey(
        Ticket, models.CASCADE, verbose_name="demande", related_name="messages"
    )
    kind = models.CharField("nature", max_length=20, choices=Kind)
    text = GuardedTextField("message", about=About.SERVICE, max_length=MESSAGE_MAX)
    by = person_key(null=True)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "message d’une demande"
        verbose_name_plural = "messages d’une demande"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.AUTHOR)
                | Q(kind__in=[Kind.ANSWER, Kind.QUESTION], by__isnull=False),
                name="staffs_message_is_somebodys",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.ticket_id})"

    @property
    def is_staffs(self) -> bool:
        return self.kind != Kind.AUTHOR


class Note(models.Model):
    """A note among staff, which no author reads."""

    ticket = models.ForeignKey(
        Ticket, models.CASCADE, verbose_name="demande", related_name="notes"
    )
    text = GuardedTextField("note", about=About.SERVICE, max_length=MESSAGE_MAX)
    by = person_key()
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"note ({self.ticket_id})"
