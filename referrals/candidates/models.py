import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Greatest, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from accounts.structures.communes import in_a_commune
from accounts.structures.models import Structure
from accounts.users import account_texts
from accounts.users.account_texts import HistoryEntry
from accounts.users.enums import COUNTED_STATES
from accounts.users.models import User
from offers.enums import OfferState
from offers.reference.trades import Plain
from opus.lib.database.name_order import ByName
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, days_from, days_within, past_months
from opus.lib.forms.fields import (
    NOT_WHOLE,
    phone_field,
    phones_written,
    postcode_written,
    shows_whole,
    validate_ft_id,
    validate_insee,
    validate_postcode,
)
from opus.lib.french import of, plain
from opus.lib.text_guard.fields import (
    NO_DIGIT,
    GuardedCharField,
    GuardedNameField,
    no_digits,
)


class StandInQuerySet(models.QuerySet["StandIn"]):
    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def in_force(self) -> Self:
        """Filter those that give access now, between two open accounts.

        No job opens or closes access. Days are those of Paris.
        """
        today = timezone.localdate()
        return self.standing().filter(
            starts_on__lte=today,
            ends_on__gte=today,
            owner__state__in=COUNTED_STATES,
            colleague__state__in=COUNTED_STATES,
        )

    def ahead(self) -> Self:
        return self.standing().filter(ends_on__gte=timezone.localdate())

    def of(self, account: User) -> Self:
        """Return those of both directions, with the persons that they name."""
        either = self.filter(Q(owner=account) | Q(colleague=account))
        return either.select_related("owner", "colleague", "created_by", "ended_by")


class StandIn(models.Model):
    """A colleague follows a caseload too, both days included.

    Nothing moves; the colleague's actions have his own name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="+"
    )
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="stand_ins"
    )
    colleague = models.ForeignKey(
        User, models.PROTECT, verbose_name="confié à", related_name="stands_in"
    )
    # The decision behind it: a trigger requires one (ADR 28).
    transfer = models.ForeignKey(
        "referrals.CaseloadTransfer",
        models.PROTECT,
        verbose_name="décision",
        null=True,
        related_name="stand_ins",
        db_index=False,
    )
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    created_at = models.DateTimeField("enregistré le", db_default=Now())
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", related_name="+"
    )
    ended_at = models.DateTimeField("repris le", null=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="repris par", null=True, related_name="+"
    )
    # A trigger ended it: the colleague got a new access. It will be asked anew.
    is_cut = models.BooleanField(default=False, db_default=False, editable=False)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = "suivis confiés pour un temps"
        verbose_name_plural = "suivis confiés pour un temps"
        ordering = ("starts_on", "pk")
        constraints = [
            days_within("starts_on", "ends_on", name="stand_in_within_the_years"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="stand_in_ends_after_it_starts",
                violation_error_message="Le dernier jour précède le premier.",
            ),
            models.CheckConstraint(
                condition=~Q(owner=F("colleague")),
                name="stand_in_is_somebody_else",
                violation_error_message="On ne se confie pas ses propres suivis.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="stand_in_is_ended_by_somebody",
            ),
            ExclusionConstraint(
                name="one_stand_in_at_a_time",
                expressions=[
                    ("owner", RangeOperators.EQUAL),
                    (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at__isnull=True),
                violation_error_message="Ces suivis sont déjà confiés à quelqu’un sur "
                "une partie de ces dates\u00a0: reprenez-les d’abord.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["colleague", "ends_on"],
                condition=Q(ended_at__isnull=True),
                name="stand_in_of_colleague",
            )
        ]

    def __str__(self) -> str:
        return f"du {date_format(self.starts_on)} au {date_format(self.ends_on)}"

    @property
    def is_ahead(self) -> bool:
        return self.ended_at is None and self.ends_on >= timezone.localdate()

    @property
    def has_begun(self) -> bool:
        return self.starts_on <= timezone.localdate()

    @property
    def is_interrupted(self) -> bool:
        """Return whether a suspended or closed account blocks it."""
        states = {self.owner.state, self.colleague.state}
        return not states <= set(COUNTED_STATES)

    def entries(self, account: User) -> list[HistoryEntry]:
        """Return its history entries for one of its accounts (5.6)."""
        if account.pk == self.owner_id:
            lent = f"Suivis confiés à {self.colleague}"
            back = f"Suivis repris à {self.colleague} avant le dernier jour"
        else:
            lent = f"Suivis {of(self.owner)} confiés à ce compte"
            back = f"Suivis {of(self.owner)} repris avant le dernier jour"
        entries = [HistoryEntry(self.created_at, lent, self.created_by, str(self))]
        if self.ended_at:
            entries.append(HistoryEntry(self.ended_at, back, self.ended_by))
        return entries


def followed_by(user: User, adviser: str = "adviser") -> Q:
    """Return the condition: own caseload, or confided (S24)."""
    confided = StandIn.objects.in_force().filter(colleague=user.pk).order_by()
    return Q(**{adviser: user.pk}) | Q(**{f"{adviser}__in": confided.values("owner")})


def follower_of(adviser: str) -> Coalesce:
    """Return the expression: the adviser there, or his stand-in."""
    confided = StandIn.objects.in_force().filter(owner=OuterRef(adviser)).order_by()
    field: Any = models.BigIntegerField()
    return Coalesce(
        Subquery(confided.values("colleague")[:1], output_field=field),
        F(adviser),
        output_field=field,
    )


def stand_in_of(account: User) -> StandIn | None:
    confided = StandIn.objects.in_force().select_related("colleague")
    return confided.filter(owner=account.pk).first()


def history_of(
    account: User, stand_ins: Iterable[StandIn] | None = None
) -> list[HistoryEntry]:
    """Return the account's history; ``stand_ins``: its own, if the page has them."""
    entries = account_texts.history_of(account)
    for one in StandIn.objects.of(account) if stand_ins is None else stand_ins:
        entries += one.entries(account)
    return sorted(entries, key=lambda entry: entry.at)


# ``OutcomeKind.HIRED`` of ``referrals.acts.models``.
HIRED = "embauche"
# ``Act.CANCELLED`` of ``referrals.acts.models``.
CANCELLED = "annulee"
TRIED_WITHIN = dt.timedelta(days=183)
TRIED_SINCE = dt.timedelta(days=30)


def her_acts() -> Any:
    """Return the acts of the row's person: this module cannot import them."""
    acts = apps.get_model("referrals", "Act").objects
    return acts.filter(candidate=OuterRef("pk")).order_by("-created_at")


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, user: User) -> Self:
        """Filter the persons followed today: own and confided ones (S24)."""
        return self.filter(followed_by(user), structure=user.structure_id)

    def fully_named(self, text: str) -> Self:
        """Filter exact full names, in either order, folded (S24)."""
        words = plain(text)
        if not words:
            return self.none()
        whole = models.CharField()
        return self.annotate(
            first_last=Plain(
                Concat("first_name", Value(" "), "last_name", output_field=whole)
            ),
            last_first=Plain(
                Concat("last_name", Value(" "), "first_name", output_field=whole)
            ),
        ).filter(Q(first_last=words) | Q(last_first=words))

    def busiest_first(self) -> Self:
        """Sort persons that have ``live_acts``."""
        names: Any = ("-live_acts", "last_name", "first_name", "pk")
        return self.order_by(*names)

    def matching(self, text: str) -> Self:
        """Filter by the beginnings of names, commune, identifier (own persons only)."""
        space, whole = Value(" "), models.TextField()
        names = ("first_name", space, "last_name", space, "city")
        found = self.annotate(parts=Plain(Concat(*names, output_field=whole)))
        for word in plain(text).split():
            found = found.filter(
                Q(parts__startswith=word)
                | Q(parts__contains=f" {word}")
                | Q(ft_id__istartswith=word)
            )
        return found if plain(text) else self.none()

    def with_job_sought(self) -> Self:
        """Annotate what ``job_sought`` says: her searches, the trades proposed."""
        searches = apps.get_model("referrals", "SavedSearch").objects
        names = searches.filter(candidate=OuterRef("pk")).order_by("created_at", "pk")
        # The trade of the last open offer proposed.
        proposed = her_acts().filter(offer__state=OfferState.ACTIVE)
        trades = proposed.exclude(state=CANCELLED).exclude(offer__rome_label="")
        return self.annotate(
            search_names=ArraySubquery(names.values("name")),
            last_trade=Coalesce(
                Subquery(trades.values("offer__rome_label")[:1]), Value("")
            ),
        )

    def with_kept_and_consent(self) -> Self:
        """Annotate the number of offers kept, and the day of a valid consent."""
        valid = Q(mail_consents__withdrawn_at__isnull=True)
        return self.annotate(
            kept_count=Count("favourites", distinct=True),
            consents_since=Max("mail_consents__given_on", filter=valid),
        )

    def with_any_live_act(self) -> Self:
        return self.filter(Exists(her_acts().live()))

    def with_a_step_due(self) -> Self:
        """Filter those with an act that waits for its adviser."""
        return self.filter(Exists(her_acts().with_a_step_due()))

    def latest_used_first(self) -> Self:
        last = Subquery(her_acts().values("created_at")[:1])
        used = self.annotate(used_at=Greatest("created_at", last))
        return used.order_by("-used_at", "pk")

    def without_solution(self) -> Self:
        """Filter those with an old act, but no hire."""
        now = timezone.now()
        return self.filter(
            Exists(her_acts().filter(created_at__gte=now - TRIED_WITHIN)),
            Exists(her_acts().filter(created_at__lt=now - TRIED_SINCE)),
            ~Exists(her_acts().filter(outcome__code__kind=HIRED)),
        )

    def at_term(self) -> Self:
        """Filter those whose data must be deleted (V9).

        An event is a step, an act, an appointment to come, a favourite, a search or a
        change; not a view. The purge excludes legal holds (V11).
        """
        unknown = Q(ft_id="")
        is_past = (~unknown & self._silent_since(past_months(settings.KEPT.acts))) | (
            unknown & self._silent_since(past_months(settings.KEPT.unregistered))
        )
        return self.filter(is_past)

    @staticmethod
    def _silent_since(limit: dt.datetime) -> Any:
        """Filter those without any event since then."""
        since: Any = Q(changed_at__gte=limit)
        for event in ("created_at", "steps__at", "details__at"):
            since |= Exists(her_acts().filter(**{f"{event}__gte": limit}))
        for name in ("Favourite", "SavedSearch"):
            kept = apps.get_model("referrals", name).objects
            since |= Exists(
                kept.filter(candidate=OuterRef("pk"), created_at__gte=limit)
            )
        return ~since

    def with_live_acts(self) -> Self:
        """Annotate ``live_acts``, the number of acts under way; by name."""
        live = her_acts().live().order_by().values("candidate")
        number = Coalesce(Subquery(live.values_list(Count("pk"))), 0)
        names = ("last_name", "first_name", "pk")
        return self.annotate(live_acts=number).order_by(*names)


class Merge(enum.Enum):
    """What the merge of two records does with a field of the one that goes."""

    LEFT = enum.auto()
    # Copied where the kept record has none.
    FILLS = enum.auto()
    # Copied with the whole address: two halves make no address.
    WITH_ADDRESS = enum.auto()


@dataclass(frozen=True)
class Typed:
    """What must be chosen for a field that is typed of a person."""

    merge: Merge
    # Its sentence in her copy, and what a merge loses; empty: another sentence says it.
    in_copy: str = ""
    when_lost: str = ""
    # Other titles of its column in a list to import.
    columns: tuple[str, ...] = ()


class Candidate(Versioned):
    """A person with an adviser, perhaps registered at France Travail.

    No birth date, nationality, family nor NIR: the acts do not need them.
    """

    # Every field that is typed, in the order of the form. Forms, lists, copy and merge
    # read it; ``test_fields.py`` names what a new one still lacks.
    TYPED: ClassVar = {
        "first_name": Typed(Merge.LEFT),
        "last_name": Typed(Merge.LEFT, columns=("Nom de famille",)),
        "ft_id": Typed(
            Merge.FILLS,
            in_copy="Votre identifiant France Travail",
            columns=("Identifiant", "N° France Travail", "Identifiant Pôle emploi"),
        ),
        "phone": Typed(
            Merge.FILLS,
            in_copy="Votre téléphone",
            when_lost="le téléphone",
            columns=("Tél", "Portable"),
        ),
        "email": Typed(
            Merge.FILLS,
            in_copy="Votre courriel",
            when_lost="l’adresse de courriel",
            columns=("Adresse électronique", "E-mail", "Mail"),
        ),
        "address": Typed(Merge.WITH_ADDRESS, columns=("Adresse", "Rue")),
        "postcode": Typed(Merge.WITH_ADDRESS, columns=("CP",)),
        "city": Typed(Merge.WITH_ADDRESS, columns=("Ville",)),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="candidates"
    )
    adviser = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="candidates"
    )
    # The decision by which she came to this adviser: a trigger requires it (ADR 28).
    transfer = models.ForeignKey(
        "referrals.CaseloadTransfer",
        models.PROTECT,
        verbose_name="décision",
        null=True,
        editable=False,
        related_name="persons",
        # Read with its adviser, whose index serves.
        db_index=False,
    )
    first_name = GuardedNameField("prénom", max_length=60)
    last_name = GuardedNameField("nom", max_length=60)
    ft_id = models.CharField(
        "identifiant France Travail",
        max_length=11,
        blank=True,
        validators=[validate_ft_id],
        help_text="11 chiffres, ou 7 chiffres et un caractère. Laissez vide pour un "
        "candidat qui n’est pas inscrit.",
    )
    email = models.EmailField("courriel", blank=True)
    phone = phone_field("téléphone")
    address = GuardedCharField("adresse postale", max_length=120, blank=True)
    postcode = models.CharField(
        "code postal", max_length=5, blank=True, validators=[validate_postcode]
    )
    city = GuardedCharField("commune", max_length=80, blank=True, known=in_a_commune)
    commune_code = models.CharField(
        "code INSEE", max_length=5, blank=True, validators=[validate_insee]
    )
    created_at = models.DateTimeField("ajouté le", db_default=Now())
    # A trigger writes it at each change of the record; the term counts from it (V9).
    changed_at = models.DateTimeField("modifié le", db_default=Now(), editable=False)

    mail_consents: Any
    limits: Any
    saved_searches: Any

    # The number of acts under way; set by ``with_live_acts``.
    live_acts: int
    # The request that stops all use of her data; set by the search for a person.
    frozen_by: str
    searches: Sequence[Mapping[str, Any]]
    # Set by ``with_job_sought``.
    search_names: Sequence[str] = ()
    last_trade = ""

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "candidat"
        ordering = (ByName("last_name"), ByName("first_name"), "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["structure", "ft_id"],
                condition=~Q(ft_id=""),
                name="one_candidate_by_ft_id",
                violation_error_message="Votre structure accompagne déjà un candidat "
                "avec cet identifiant France Travail.",
            ),
            models.CheckConstraint(
                condition=Q(ft_id="") | Q(ft_id__regex=r"^(\d{11}|\d{7}[0-9A-Z])$"),
                name="ft_id_has_one_of_two_forms",
                violation_error_message="Cet identifiant France Travail n’a aucune des "
                "deux formes connues.",
            ),
            models.CheckConstraint(
                condition=shows_whole("first_name", "last_name"),
                name="candidate_name_shows_whole",
                violation_error_message=NOT_WHOLE,
            ),
            models.CheckConstraint(
                condition=no_digits("first_name", "last_name"),
                name="candidate_name_has_no_digit",
                violation_error_message=NO_DIGIT,
            ),
            phones_written("phone", name="phone_of_a_candidate"),
            postcode_written("postcode_of_a_candidate"),
            # The target of the acts' composite key: an act and its candidate always
            # belong to the same structure (S20).
            models.UniqueConstraint(
                fields=["id", "structure"], name="candidate_of_its_structure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def get_absolute_url(self) -> str:
        return reverse("candidate", args=[self.pk])

    @classmethod
    def columns(cls, *first: str) -> dict[str, str]:
        """Return title → field of all that is typed: these, then the others."""
        fields: Any = map(cls._meta.get_field, dict.fromkeys((*first, *cls.TYPED)))
        return {capfirst(str(field.verbose_name)): field.name for field in fields}

    @cached_property
    def stand_in(self) -> StandIn | None:
        return stand_in_of(self.adviser)

    @property
    def follower(self) -> User:
        """Return the person's follower today: her adviser or his stand-in."""
        return self.stand_in.colleague if self.stand_in else self.adviser

    @property
    def short_name(self) -> str:
        return f"{self.first_name[:1]}. {self.last_name}"

    @property
    def initials(self) -> str:
        """Return ``K. B.``, for e-mails (V18)."""
        return f"{self.first_name[:1]}. {self.last_name[:1]}."

    @property
    def job_sought(self) -> str:
        """Return the names of her searches, else the trade proposed last."""
        return ", ".join(self.search_names) or self.last_trade

    @property
    def freeze(self) -> Any:
        """Return the limit that stops all use of her data, else None (GDPR 18)."""
        return self.limits.in_force().first()

    @property
    def limits_in_force(self) -> Any:
        """Return every limit that she set, the widest first (GDPR 18, 21)."""
        widest = Q(processing="tout")
        return self.limits.filter(lifted_at__isnull=True).order_by(
            Case(When(widest, then=0), default=1), "placed_at"
        )

    @property
    def mail_consent(self) -> Any:
        """Return her valid consent to e-mails, else None."""
        return self.mail_consents.live().first()


FROZEN = (
    "Les données de ce candidat sont gelées à sa demande (RGPD, art. 18)\xa0: rien "
    "ne se fait ni ne se modifie avant que France Travail lève cette limitation."
)


class Processing(models.TextChoices):
    """What stops; triggers have the same codes."""

    ALL = "tout", "tout usage : les données sont gelées (RGPD)"
    EMAILS = "courriels", "les courriels d’Opus"
    SEARCHES = "veilles", "les recherches enregistrées"
    STATISTICS = "statistiques", "les extraits pour les statistiques"


class ProcessingLimitQuerySet(models.QuerySet["ProcessingLimit"]):
    def in_force(self, *processings: str) -> Self:
        """Filter the limits not lifted: on all use, or on these."""
        concerned = [Processing.ALL, *processings]
        return self.filter(lifted_at__isnull=True, processing__in=concerned)


class ProcessingLimit(models.Model):
    """A limit on one person's data, until it is lifted by decision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="limits"
    )
    processing = models.CharField("ce qui s’arrête", max_length=12, choices=Processing)
    reference = models.CharField("n° de la demande", max_length=20)
    placed_at = models.DateTimeField("décidée le", db_default=Now())
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="décidée par",
        related_name="+",
    )
    lifted_at = models.DateTimeField("levée le", null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="levée par",
        related_name="+",
        null=True,
    )

    objects = ProcessingLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "limite à l’usage des données"
        verbose_name_plural = "limites à l’usage des données"
        ordering = ("-placed_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(processing__in=Processing.values),
                name="limit_processing_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="limit_has_its_request"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="limit_is_lifted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["candidate", "processing"],
                condition=Q(lifted_at__isnull=True),
                name="one_limit_in_force",
                violation_error_message="Cette limite est déjà en place.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_processing_display()} (demande n° {self.reference})"

    @property
    def stops_all(self) -> bool:
        return self.processing == Processing.ALL


def why_silent(reference: str) -> str:
    return (
        "Ce candidat s’est opposé aux courriels d’Opus, ou a fait geler ses "
        f"données (demande n°\xa0{reference})."
    )


class MergedRecord(models.Model):
    """A former record: the journal and requests of article 10 still name it."""

    former = models.UUIDField("n° de l’ancienne fiche", primary_key=True)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="merged"
    )
    merged_at = models.DateTimeField("réunie le", db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="réunie par",
        related_name="+",
    )

    class Meta:
        verbose_name = "ancienne fiche réunie"
        verbose_name_plural = "anciennes fiches réunies"
        ordering = ("merged_at", "former")

    def __str__(self) -> str:
        return str(self.former)
