"""Requests of article 10: whose, by which right and route, what was answered."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, models, transaction
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models import User, person_key
from opus.lib.background_files import LIVE, FileState, FrozenDocument, OwnedFileQuerySet
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)
from opus.lib.database.versions import Versioned
from opus.lib.dates import add_months, days_until, days_within, past_months
from opus.lib.exports import ExportBase
from opus.lib.forms.fields import (
    NOT_WHOLE,
    phone_field,
    phones_written,
    shows_whole,
    validate_ft_id,
)
from opus.lib.privacy import personal_data
from opus.lib.privacy.personal_data import Known, Person, PersonKind
from opus.lib.text_guard.fields import GuardedCharField, GuardedNameField


class Right(models.TextChoices):
    """The rights, each with its present article."""

    ACCESS = "acces", "Accès aux données (RGPD, art. 15)"
    RECTIFICATION = "rectification", "Rectification (RGPD, art. 16)"
    ERASURE = "effacement", "Effacement (RGPD, art. 17)"
    RESTRICTION = "limitation", "Limitation du traitement (RGPD, art. 18)"
    OBJECTION = "opposition", "Opposition (RGPD, art. 21)"


class Route(models.TextChoices):
    """The route of an answer: agency or DPO (art. 10)."""

    AGENCY = "agence", "l’agence France Travail de la personne"
    DPO = "dpo", "le délégué à la protection des données (DPO)"


class RequestState(models.TextChoices):
    RECEIVED = "recue", "reçue, identité à vérifier"
    VERIFIED = "verifiee", "identité vérifiée"
    UNDER_WAY = "en_cours", "en cours"
    ANSWERED = "repondue", "répondue"
    REFUSED = "refusee", "refusée"


# A person is attached in these states, and a copy is prepared in the second.
FOUND_IN = (RequestState.VERIFIED, RequestState.UNDER_WAY)
OPEN_STATES = (RequestState.RECEIVED, RequestState.VERIFIED, RequestState.UNDER_WAY)


ALONE = (
    "Vous avez enregistré cette demande pour une autre personne\xa0: un collègue "
    "vérifie l’identité, prépare la copie et la télécharge. Il faut être deux."
)


class Check(models.TextChoices):
    """The check of the identity; no copy is kept."""

    IN_PERSON = "piece", "En personne, au vu d’une pièce d’identité"
    CALL_BACK = "rappel", "Par un rappel au numéro déjà connu"
    SPACE = "espace", "Par l’espace personnel de la personne à France Travail"
    COPY = "copie", "Copie d’une pièce d’identité, lue puis détruite"
    SIGNED_IN = "connexion", "Par la connexion à Opus, avec les deux facteurs"


class Refusal(models.TextChoices):
    """The coded reason of a refusal (GDPR 11, 12)."""

    IDENTITY = "identite", "L’identité n’a pas pu être établie"
    UNFOUNDED = "infondee", "Demande manifestement infondée ou excessive (art. 12.5)"
    DUTY = "obligation", "Obligation légale de conserver (art. 17.3 et 18.2)"
    OTHERS = "autrui", "Atteinte aux droits d’autres personnes (art. 15.4)"
    EXACT = "exactes", "Les données sont exactes et complètes (RGPD, art. 16)"
    NO_CASE = "hors_cas", "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)"
    COMPELLING = "imperieux", "Motifs impérieux, ou sécurité (RGPD, art. 21.1)"


class RequestCorrection(models.TextChoices):
    """Why the kind, the agency or the identifiers of a request were corrected."""

    NUMBER = "identifiant", "Son identifiant France Travail le montre"
    SAID = "dit", "La personne l’a précisé"
    FOLLOWED = "suivie", "Une autre agence la suit"
    TYPED = "saisie", "La demande a été mal enregistrée"


class Delay(models.TextChoices):
    """The reason for two more months (GDPR 12.3)."""

    COMPLEX = "complexe", "La demande est complexe"
    MANY = "nombre", "La personne a fait de nombreuses demandes"


class GestureKind(models.TextChoices):
    """What was done about the data; the trigger has the same codes."""

    COPY = "copie", "copie des données téléchargée"
    RECTIFICATION = "rectification", "données rectifiées"
    ERASURE = "effacement", "données effacées"
    RESTRICTION = "limitation", "données gelées"
    OBJECTION = "opposition", "traitement arrêté"
    PASSED_ON = "transmission", "demande transmise à l’émetteur des offres"
    NOTHING = "rien", "aucune donnée dans Opus"
    LIFTING = "levee", "limitation levée"


class Answer(models.TextChoices):
    GRANTED = "accordee", "accordée"
    PARTLY = "en_partie", "accordée en partie"


# The gestures that answer a right; *nothing* answers them all.
ANSWERED_BY = {
    Right.ACCESS: {GestureKind.COPY},
    Right.RECTIFICATION: {GestureKind.RECTIFICATION, GestureKind.PASSED_ON},
    Right.ERASURE: {GestureKind.ERASURE, GestureKind.PASSED_ON},
    Right.RESTRICTION: {GestureKind.RESTRICTION, GestureKind.PASSED_ON},
    Right.OBJECTION: {GestureKind.OBJECTION, GestureKind.PASSED_ON},
}
# The reasons to refuse a right, beside those of any right.
REFUSED_FOR = {
    Right.ACCESS: (Refusal.OTHERS,),
    Right.RECTIFICATION: (Refusal.EXACT,),
    Right.ERASURE: (Refusal.DUTY, Refusal.NO_CASE),
    Right.RESTRICTION: (Refusal.NO_CASE,),
    Right.OBJECTION: (Refusal.COMPELLING,),
}


class OfferPart(models.TextChoices):
    """What an offer says of its employer; codes only (V1)."""

    NAME = "entreprise", "le nom de l’entreprise"
    CONTACT = "contact", "la personne ou les coordonnées à contacter"
    TEXT = "texte", "le texte de l’offre"


RULES: list[models.BaseConstraint] = [
    days_within(
        *("received_on", "redirected_on", "checked_on", "due_on"),
        *("extended_on", "extended_to", "ended_on"),
        name="rights_within_the_years",
    ),
    models.CheckConstraint(
        condition=shows_whole("name"),
        name="rights_name_shows_whole",
        violation_error_message=NOT_WHOLE,
    ),
    phones_written("phone", name="phone_of_a_request"),
    models.CheckConstraint(
        condition=Q(ft_id="") | Q(ft_id__regex=r"^(\d{11}|\d{7}[0-9A-Z])$"),
        name="rights_ft_id_has_one_of_two_forms",
        violation_error_message="Cet identifiant France Travail n’a aucune des deux "
        "formes connues.",
    ),
    known(RequestState, "rights_state_is_known"),
    models.CheckConstraint(
        condition=Q(kind=PersonKind.REGISTERED, agency__isnull=False)
        | ~Q(kind=PersonKind.REGISTERED) & Q(agency__isnull=True),
        name="rights_agency_for_the_registered",
        violation_error_message="Indiquez l’agence d’un demandeur d’emploi "
        "inscrit, et d’aucune autre personne : les autres relèvent du DPO "
        "(art. 10).",
    ),
    models.CheckConstraint(
        condition=Q(state__in=[RequestState.RECEIVED, RequestState.REFUSED])
        | Q(checked_on__isnull=False) & ~Q(check_done=""),
        name="rights_identity_first",
        violation_error_message="L’identité se vérifie d’abord.",
    ),
    models.CheckConstraint(
        condition=Q(state__in=[RequestState.RECEIVED, RequestState.REFUSED])
        | Q(redirected_on__isnull=False)
        | Q(agency__isnull=False, addressed_to=Route.AGENCY)
        | Q(agency__isnull=True, addressed_to=Route.DPO),
        name="rights_by_the_right_route",
        violation_error_message="La demande n’est pas arrivée par la bonne "
        "voie : réorientez-la d’abord (art. 10).",
    ),
    models.CheckConstraint(
        condition=Q(extended_on=None, extended_to=None, extended_because="")
        | Q(extended_on__lte=F("due_on"), extended_to__gt=F("due_on"))
        & ~Q(extended_because=""),
        name="rights_put_off_in_time",
        violation_error_message="La prolongation se dit à la personne dans le "
        "premier mois, avec son motif.",
    ),
    models.CheckConstraint(
        condition=Q(
            state__in=[RequestState.ANSWERED, RequestState.REFUSED],
            ended_on__isnull=False,
        )
        | Q(state__in=OPEN_STATES, ended_on=None),
        name="rights_answered_on_a_day",
    ),
    models.CheckConstraint(
        condition=Q(state=RequestState.REFUSED) & ~Q(refused_because="")
        | ~Q(state=RequestState.REFUSED) & Q(refused_because=""),
        name="rights_refused_with_a_reason",
    ),
    models.CheckConstraint(
        condition=Q(
            *(
                Q(**{name: None}) | Q(**{f"{name}__gte": F("received_on")})
                for name in ("redirected_on", "checked_on", "extended_on", "ended_on")
            )
        ),
        name="rights_follow_their_receipt",
        violation_error_message="Aucune date d’une demande ne précède sa réception.",
    ),
    models.CheckConstraint(
        condition=Q(account=None) | Q(kind__in=[PersonKind.STAFF, PersonKind.PARTNER]),
        name="rights_account_of_its_kind",
        violation_error_message="Un compte est celui d’un agent de France "
        "Travail ou d’une structure partenaire : cette demande est d’une autre "
        "personne.",
    ),
    models.CheckConstraint(
        condition=Q(check_done=Check.SIGNED_IN)
        | Q(checked_by=None)
        | ~Q(checked_by=F("recorded_by")),
        name="rights_checked_by_another",
        violation_error_message=ALONE,
    ),
    models.CheckConstraint(
        condition=~Q(check_done=Check.SIGNED_IN)
        | Q(account__isnull=False, checked_by__isnull=False)
        & Q(account=F("recorded_by"), checked_by=F("recorded_by")),
        name="rights_own_account",
        violation_error_message="Une demande faite par sa propre connexion "
        "porte sur le compte de cette personne, et sur aucun autre.",
    ),
    models.CheckConstraint(
        condition=Q(due_on__gt=F("received_on")), name="rights_due_after_received"
    ),
]


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
        offers = frozenset(self.offer_numbers)
        return personal_data.whole(
            Person(frozenset(accounts), frozenset(candidates), offers)
        )

    @property
    def known(self) -> list[Known]:
        return personal_data.known(self.person)

    @property
    def about(self) -> list[str]:
        return self.person.keys

    @property
    def offer_numbers(self) -> list[str]:
        return list(self.offers.values_list("offer", flat=True))

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
    def refusal_choices(self) -> list[tuple[str, str]]:
        """Return the reasons to refuse it, in whole or in part."""
        reasons: list[Refusal] = [Refusal.IDENTITY]
        # Before the identity is checked there is that one only.
        if self.state != RequestState.RECEIVED:
            reasons = [*REFUSED_FOR[Right(self.right)], *reasons, Refusal.UNFOUNDED]
        return [(one.value, one.label) for one in reasons]

    @property
    def why_not_done(self) -> str:
        """Return why it cannot be answered yet, or nothing."""
        if self.is_done:
            return ""
        return CORRECTED_SINCE if self.is_to_search and not self.person else NOT_DONE

    @property
    def reasons(self) -> list[str]:
        """Return why not all was granted."""
        gestures = self.gestures.all()
        reasons = (one.get_because_display() for one in gestures if one.because)
        return list(dict.fromkeys(reasons))

    @property
    def is_restricted(self) -> bool:
        return type(self).objects.restricted().filter(pk=self.pk).exists()


class RightsRequestStep(Step):
    request = step_key(RightsRequest, "demande")

    class Meta(Step.Meta):
        verbose_name = "étape d’une demande de droits"
        verbose_name_plural = "étapes des demandes de droits"


class ConcernedCandidate(models.Model):
    """A candidate of the person: one per structure."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="candidates"
    )
    candidate = models.UUIDField("n° de la fiche de candidat")

    class Meta:
        verbose_name = "fiche concernée par une demande"
        verbose_name_plural = "fiches concernées par une demande"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "candidate"], name="candidate_concerned_once"
            )
        ]

    def __str__(self) -> str:
        return f"fiche {self.candidate}"


class ConcernedOffer(models.Model):
    """An offer of the employer who asks: Opus has no other row of him."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="offers"
    )
    offer = models.CharField("n° d’offre", max_length=20)

    class Meta:
        verbose_name = "offre concernée par une demande"
        verbose_name_plural = "offres concernées par une demande"
        ordering = ("offer",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "offer"], name="offer_concerned_once"
            )
        ]

    def __str__(self) -> str:
        return f"offre n° {self.offer}"


class RightsGesture(models.Model):
    """What was done about the data, and how far (GDPR 12)."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="gestures"
    )
    kind = models.CharField("geste", max_length=20, choices=GestureKind)
    answer = models.CharField("réponse", max_length=20, choices=Answer)
    because = models.CharField(
        "motif de ce qui est refusé", max_length=20, choices=Refusal, blank=True
    )
    # Codes and numbers: what was changed or deleted, how many.
    counts = models.JSONField("en nombres", default=dict)
    at = models.DateTimeField("le", db_default=Now())
    by = person_key()

    class Meta:
        verbose_name = "geste d’une demande de droits"
        verbose_name_plural = "gestes des demandes de droits"
        ordering = ("at", "pk")
        constraints = [
            known(GestureKind, "gesture_kind_is_known", "kind"),
            models.CheckConstraint(
                condition=Q(answer=Answer.GRANTED, because="")
                | Q(answer=Answer.PARTLY, because__in=Refusal.values),
                name="gesture_in_part_with_its_reason",
                violation_error_message="Ce qui n’est accordé qu’en partie a un motif, "
                "qui se dit à la personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_answer_display()}"

    @property
    def parts_in_words(self) -> list[str]:
        """Return which parts of the offers an employer's request is about."""
        labels = dict(OfferPart.choices)
        return [labels[one] for one in self.counts.get("parties", [])]

    @property
    def words(self) -> str:
        """Return the line of its page: gesture, answer, reason, numbers."""
        details = [
            f"{what}\xa0: {number}"
            for what, number in self.counts.items()
            if isinstance(number, int)
        ]
        details += [*self.parts_in_words, *self.counts.get("traitements", [])]
        details += [f"par {one}" for one in self.counts.get("par", [])]
        if self.because:
            details.insert(0, f"motif\xa0: {self.get_because_display()}")
        return " ; ".join([str(self), *details])


def in_a_week() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=settings.PERSON_FILE_DAYS)


class PersonFile(ExportBase):
    """A sealed copy of data, downloaded once (V13, S17)."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="files"
    )
    asked_by = person_key("demandé par")
    expires_at = models.DateTimeField("gardé jusqu’au", default=in_a_week)
    taken_at = models.DateTimeField("téléchargé le", null=True, editable=False)
    taken_by = person_key("téléchargé par", null=True, editable=False)

    objects = OwnedFileQuerySet.as_manager()

    class Meta(ExportBase.Meta):
        verbose_name = "copie des données d’une personne"
        verbose_name_plural = "copies des données d’une personne"
        constraints = [
            *ExportBase.Meta.constraints,
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="person_file_went_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=LIVE),
                name="one_person_file_at_a_time",
                violation_error_message="Une copie est déjà en préparation ou prête "
                "pour cette demande.",
            ),
        ]

    @property
    def standing(self) -> str:
        if self.taken_at:
            return f"téléchargée par {self.taken_by}, puis supprimée"
        if self.is_ready:
            return "prête : un seul téléchargement"
        return str(self.get_state_display())


class ReplyKind(models.TextChoices):
    GRANTED = "accordee", "demande accordée"
    PARTLY = "en_partie", "demande accordée en partie"
    REFUSED = "refusee", "demande refusée"
    EXTENDED = "prolongee", "délai prolongé"
    LIFTED = "levee", "limitation levée"


class Reply(FrozenDocument):
    """A letter to the person; the last one of a kind is the right one."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="replies"
    )
    kind = models.CharField("objet", max_length=20, choices=ReplyKind)
    made_by = person_key("préparée par")

    class Meta(FrozenDocument.Meta):
        verbose_name = "lettre de réponse"
        verbose_name_plural = "lettres de réponse"
        constraints = [
            *FrozenDocument.Meta.constraints,
            known(ReplyKind, "reply_kind_is_known", "kind"),
        ]

    def __str__(self) -> str:
        return f"lettre : {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        words = [self.request_id, self.pk]
        return reverse("admin:support_rightsrequest_reply", args=words)
