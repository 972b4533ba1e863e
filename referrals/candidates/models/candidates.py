"""The accompanied person, with few data (V16)."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
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

from accounts.structures.communes import in_a_commune
from accounts.structures.models import Structure
from accounts.users.models.users import User
from offers.enums import OfferState
from offers.reference.communes_in_memory import plain
from offers.reference.trades import Plain
from opus.lib.database.name_order import ByName
from opus.lib.database.versions import Versioned
from opus.lib.dates import past_months
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
from opus.lib.text_guard.model_fields import (
    NO_DIGIT,
    GuardedCharField,
    GuardedNameField,
    no_digits,
)
from referrals.candidates.models.stand_ins import StandIn, followed_by, stand_in_of

# ``OutcomeKind.HIRED`` of ``referrals.acts.models.outcomes``.
HIRED = "embauche"
# ``Act.CANCELLED`` of ``referrals.acts.models.acts``.
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
        """Filter those with an act that waits for its adviser (domain 3.8)."""
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


class Candidate(Versioned):
    """A person with an adviser, perhaps registered at France Travail.

    No birth date, nationality, family nor NIR: the acts do not need them.
    """

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
