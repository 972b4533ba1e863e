"""The register of requests of article 10."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, models, transaction
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models.keys import person_key
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field, step_key
from opus.lib.database.versions import Versioned
from opus.lib.dates import add_months, days_until, past_months
from opus.lib.forms.fields import phone_field, validate_ft_id
from opus.lib.privacy.personal_data import Known, Person, known, whole
from opus.lib.text_guard.model_fields import GuardedCharField, GuardedNameField
from opus.support.data_rights.models.choices import (
    ALONE,
    ANSWERED_BY,
    FOUND_IN,
    OPEN_STATES,
    Check,
    Delay,
    GestureKind,
    PersonKind,
    Refusal,
    RequestState,
    Right,
    Route,
)
from opus.support.data_rights.models.constraints import RULES

# One month to answer; three in all if the person is notified (GDPR 12.3).
MONTHS = 1
MONTHS_IN_ALL = 3
NEAR_DAYS = 7
NOT_DONE = (
    "Rien n’a encore été fait pour cette demande\xa0: faites d’abord ce qu’elle "
    "demande, en tout ou en partie, ou refusez-la avec un motif."
)
CORRECTED_SINCE = (
    "La demande a été corrigée depuis que rien n’a été trouvé\xa0: cherchez de nouveau "
    "par «\xa0Constater qu’Opus ne garde rien\xa0», ou trouvez la personne."
)


def in_an_email(address: str) -> int:
    """Return the length of an email address, else 0."""
    try:
        validate_email(address)
    except ValidationError:
        return 0
    return len(address)


def draw_number() -> str:
    """Return the year's next number, such as ``DR-2026-000042``.

    Under a lock until the request is saved: the register has no gap. Requests are kept
    for years (V9), so the year's last one is still there.
    """
    start = f"DR-{timezone.localdate().year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rights_number'))")
    written = RightsRequest.objects.filter(number__startswith=start)
    last = written.aggregate(last=Max("number"))["last"] or f"{start}0"
    return f"{start}{int(last.removeprefix(start)) + 1:06d}"


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def restricted(self) -> Self:
        """Filter those whose restriction was not lifted (GDPR 18)."""
        placed = self.filter(gestures__kind=GestureKind.RESTRICTION)
        return placed.exclude(gestures__kind=GestureKind.LIFTING).distinct()

    def with_deadline(self) -> Self:
        """Annotate ``last_day`` of the answer, postponed or not."""
        return self.annotate(last_day=Coalesce("extended_to", "due_on"))

    def due_by(self, day: dt.date) -> Self:
        return self.open().with_deadline().filter(last_day__lte=day)

    def near(self) -> Self:
        return self.due_by(timezone.localdate() + dt.timedelta(days=NEAR_DAYS))

    def late(self) -> Self:
        return self.due_by(timezone.localdate() - dt.timedelta(days=1))

    def at_term(self) -> Self:
        """Filter those closed for the retention of a request (V9)."""
        steps = RightsRequestStep.objects.filter(request=OuterRef("pk"))
        last = Subquery(steps.order_by("-at").values("at")[:1])
        ended = self.exclude(state__in=OPEN_STATES).annotate(ended_at=last)
        past = ended.filter(ended_at__lt=past_months(settings.KEPT.requests))
        return past.exclude(pk__in=self.model.objects.restricted().values("pk"))


class RightsRequest(Versioned, Stateful):
    """A request about one's data (art. 10; GDPR 15–21).

    A registered job seeker's agency answers it, the DPO all others. Nothing is done
    before the identity is checked, nor on the wrong route.
    """

    MOVES = {
        RequestState.RECEIVED: {RequestState.VERIFIED, RequestState.REFUSED},
        RequestState.VERIFIED: {RequestState.UNDER_WAY},
        RequestState.UNDER_WAY: {RequestState.ANSWERED, RequestState.REFUSED},
    }

    number = models.CharField("numéro", max_length=20, unique=True, editable=False)
    state = state_field(RequestState.RECEIVED)
    received_on = models.DateField("reçue le", default=timezone.localdate)
    kind = models.CharField("la personne est", max_length=20, choices=PersonKind)
    right = models.CharField("droit exercé", max_length=20, choices=Right)
    addressed_to = models.CharField(
        "adressée à",
        max_length=10,
        choices=Route,
        help_text="À qui la personne a écrit ; Opus dit si c’est la bonne voie.",
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        verbose_name="agence de la personne",
        null=True,
        blank=True,
        related_name="+",
        help_text="Pour un demandeur d’emploi inscrit : l’agence qui le suit.",
    )
    name = GuardedNameField("nom et prénom", max_length=120)
    reply_to = GuardedCharField(
        "où répondre",
        known=in_an_email,
        max_length=254,
        help_text="Adresse de courriel ou postale.",
    )
    # What else she gives, by which she is looked for in every register.
    ft_id = models.CharField(
        "identifiant France Travail",
        max_length=11,
        blank=True,
        db_default="",
        validators=[validate_ft_id],
        help_text="S’il est donné\xa0: Opus cherche la personne par lui.",
    )
    email = models.EmailField(
        "autre courriel",
        blank=True,
        db_default="",
        help_text="Si elle en donne un autre.",
    )
    phone = phone_field("téléphone", db_default="")
    # The person, once found by an exact identifier: an account, or candidates.
    account = person_key("compte", null=True, editable=False)
    redirected_on = models.DateField("réorientée le", null=True, editable=False)
    check_done = models.CharField(
        "vérification d’identité",
        max_length=20,
        choices=Check,
        blank=True,
        editable=False,
    )
    checked_on = models.DateField("identité vérifiée le", null=True, editable=False)
    checked_by = person_key("identité vérifiée par", null=True, editable=False)
    due_on = models.DateField("réponse due le", editable=False)
    extended_on = models.DateField("prolongation dite le", null=True, editable=False)
    extended_to = models.DateField("prolongée au", null=True, editable=False)
    extended_because = models.CharField(
        "motif de la prolongation",
        max_length=20,
        choices=Delay,
        blank=True,
        editable=False,
    )
    ended_on = models.DateField("réponse du", null=True, editable=False)
    refused_because = models.CharField(
        "motif du refus", max_length=20, choices=Refusal, blank=True, editable=False
    )
    created_at = models.DateTimeField("enregistrée le", db_default=Now())
    recorded_by = person_key("enregistrée par", editable=False)

    # Set by ``with_deadline``.
    last_day: dt.date
    gestures: Any
    candidates: Any
    offers: Any
    replies: Any

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’exercice des droits"
        verbose_name_plural = "demandes d’exercice des droits"
        ordering = ("due_on", "pk")
        constraints = RULES

    def __str__(self) -> str:
        return self.number

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Number it, count its month from the day of receipt (GDPR 12.3)."""
        if not self.number:
            self.number = draw_number()
        if self._state.adding:
            self.due_on = add_months(self.received_on, MONTHS)
        super().save(*args, **kwargs)

    @property
    def route(self) -> Route:
        is_registered = self.kind == PersonKind.REGISTERED
        return Route.AGENCY if is_registered else Route.DPO

    @property
    def is_misrouted(self) -> bool:
        """Return whether it came by the other route, and stays."""
        return self.addressed_to != self.route and self.redirected_on is None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def deadline(self) -> dt.date:
        return self.extended_to or self.due_on

    @property
    def days_left(self) -> int:
        return days_until(self.deadline)

    @property
    def is_late(self) -> bool:
        return self.is_open and self.days_left < 0

    @property
    def can_be_put_off(self) -> bool:
        """Return whether the answer may be postponed (once)."""
        in_time = timezone.localdate() <= self.due_on
        return self.is_open and self.extended_to is None and in_time

    @property
    def person(self) -> Person:
        accounts = {self.account_id} if self.account_id else set()
        candidates = self.candidates.values_list("candidate", flat=True)
        offers = self.offers.values_list("offer", flat=True)
        return whole(
            Person(frozenset(accounts), frozenset(candidates), frozenset(offers))
        )

    @property
    def known(self) -> list[Known]:
        return known(self.person)

    @property
    def about(self) -> list[str]:
        person = self.person
        return [
            *(f"accounts.user {pk}" for pk in sorted(person.accounts)),
            *(f"referrals.candidate {pk}" for pk in sorted(person.candidates)),
            *(f"offers.offer {pk}" for pk in sorted(person.offers)),
        ]

    @property
    def is_own(self) -> bool:
        return self.check_done == Check.SIGNED_IN

    @property
    def can_be_detached(self) -> bool:
        """Return whether another person may be found: nothing was done yet."""
        is_free = not self.is_own and not self.gestures.exists()
        return self.state in FOUND_IN and is_free and bool(self.person)

    @property
    def can_be_corrected(self) -> bool:
        """Return whether its kind may change: nothing was done for anybody."""
        done = self.gestures.exclude(kind=GestureKind.NOTHING)
        return self.is_open and not self.is_own and not done.exists()

    def why_not_alone(self, user: User) -> str:
        """Return why that user may not verify it, or nothing."""
        return ALONE if self.recorded_by_id == user.pk and not self.is_own else ""

    @property
    def may_have_file(self) -> bool:
        """Return whether a copy may be made now: identity first."""
        return self.state == RequestState.UNDER_WAY and bool(self.person)

    def redirect(self) -> None:
        """Send it to the other route; its month goes on."""
        if not (self.is_open and self.is_misrouted):
            raise MoveRefused("Cette demande est déjà à la bonne adresse.")
        self.redirected_on = timezone.localdate()
        self.save(update_fields=["redirected_on"])

    def verify(self, *, by: User, check: str) -> None:
        if self.is_misrouted:
            raise MoveRefused(
                "La demande n’est pas arrivée par la bonne voie : réorientez-la "
                "d’abord (art. 10)."
            )
        if check != Check.SIGNED_IN and self.recorded_by_id == by.pk:
            raise MoveRefused(ALONE)
        checked: Any = {"check_done": check, "checked_on": timezone.localdate()}
        self.move_to(RequestState.VERIFIED, by=by, checked_by=by, **checked)

    def take_up(self, *, by: User) -> None:
        self.move_to(RequestState.UNDER_WAY, by=by)

    def put_off(self, *, by: User, because: str) -> None:
        """Add two months, with a reason (GDPR 12.3)."""
        if not self.can_be_put_off:
            raise MoveRefused(
                "Le délai se prolonge une seule fois, pendant le premier mois."
            )
        self.extended_on, self.extended_because = timezone.localdate(), because
        self.extended_to = add_months(self.received_on, MONTHS_IN_ALL)
        self.save(update_fields=["extended_on", "extended_to", "extended_because"])
        note = {"put_off": str(because)}
        self.steps.create(origin=self.state, target=self.state, by=by, note=note)

    @property
    def is_done(self) -> bool:
        """Return whether a gesture answers the right."""
        done = set(self.gestures.values_list("kind", flat=True))
        if done & ANSWERED_BY[Right(self.right)]:
            return True
        # Somebody was found since: nothing was not true.
        return GestureKind.NOTHING in done and not self.person and not self.is_to_search

    @property
    def is_to_search(self) -> bool:
        """Return whether the request was corrected since nothing was found."""
        corrected = self.steps.filter(note__has_key="corrected").order_by("at").last()
        nothing = self.gestures.filter(kind=GestureKind.NOTHING).last()
        return bool(corrected and nothing and corrected.at > nothing.at)

    @property
    def why_not_done(self) -> str:
        """Return why it cannot be answered yet, or nothing."""
        if self.is_done:
            return ""
        return CORRECTED_SINCE if self.is_to_search and not self.person else NOT_DONE

    @property
    def answer_in_words(self) -> str:
        """Return what was granted, and why not all, or why it was refused."""
        if self.state == RequestState.REFUSED:
            return f"motif\xa0: {self.get_refused_because_display()}"
        if self.state != RequestState.ANSWERED:
            return ""
        gestures = list(self.gestures.all())
        reasons = [one.get_because_display() for one in gestures if one.because]
        if reasons:
            return f"accordée en partie\xa0: {' ; '.join(dict.fromkeys(reasons))}"
        return "accordée" if gestures else ""

    @property
    def is_restricted(self) -> bool:
        return type(self).objects.restricted().filter(pk=self.pk).exists()

    def answer(self, *, by: User) -> None:
        """Record the answer; a gesture was done before."""
        if reason := self.why_not_done:
            raise MoveRefused(reason)
        self.move_to(RequestState.ANSWERED, by=by, ended_on=timezone.localdate())

    def refuse(self, *, by: User, because: str) -> None:
        """Refuse; before the identity check, for that reason only."""
        if self.state == RequestState.RECEIVED and because != Refusal.IDENTITY:
            raise MoveRefused(
                "Tant que l’identité n’est pas vérifiée, la demande ne se refuse que "
                "pour ce motif."
            )
        if self.is_done:
            raise MoveRefused(
                "Quelque chose a déjà été fait pour cette demande\xa0: elle ne se "
                "refuse plus. Enregistrez la réponse, accordée en tout ou en partie."
            )
        today = timezone.localdate()
        self.move_to(
            RequestState.REFUSED, by=by, refused_because=because, ended_on=today
        )


class RightsRequestStep(Step):
    request = step_key(RightsRequest, "demande")

    class Meta(Step.Meta):
        verbose_name = "étape d’une demande de droits"
        verbose_name_plural = "étapes des demandes de droits"
