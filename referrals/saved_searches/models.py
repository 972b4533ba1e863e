"""Saved searches of an adviser, for himself or a person."""

import datetime as dt
import uuid
from typing import Self

from django.db import connection, models
from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.search.criteria import Criteria, Sort
from opus.lib.database.versions import Versioned
from opus.lib.text_guard.fields import GuardedCharField
from referrals.candidates.models import Candidate, followed_by, follower_of

# The trigger ``opus_limit_searches`` has the same two numbers.
MOST_SEARCHES = 20
# Usually one; a few for a person with two trades, or two towns.
MOST_FOR_A_PERSON = 5
LONGEST_NAME = 50
# A search has at most 20 places, 20 trades and 200 characters of words.
LONGEST_QUERY = 2_000
# Users read no further: do not count more.
MOST_NEWS = 99
# Opening again in that time is the same visit: new offers stay marked.
ONE_VISIT = dt.timedelta(minutes=30)
# A name without case and accents, to compare two names.
FOLDED_NAME = Func(F("name"), function="opus_folded", output_field=TextField())
NAME_TAKEN = "Une de vos recherches porte déjà ce nom : donnez-en un autre."


class AlertPace(models.TextChoices):
    NONE = "aucune", "Aucun courriel"
    DAILY = "quotidienne", "Chaque jour à 7 h"
    AT_ONCE = "immediate", "Dès qu’une offre arrive"


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: User) -> Self:
        """Filter one's own, and those of followed persons (S20, S24)."""
        of_persons = followed_by(user, "candidate__adviser")
        return self.filter(
            Q(account=user.pk)
            | (of_persons & Q(candidate__structure=user.structure_id))
        )

    def own(self, user: User) -> Self:
        return self.filter(account=user.pk)

    def emailed_to(self, user: User) -> Self:
        emailing = self.exclude(alert=AlertPace.NONE)
        return emailing.visible_to(user).exclude(muted_by=user.pk)

    def with_reader(self) -> Self:
        """Annotate ``reader``, the account that gets the e-mails.

        For a person: who follows her today.
        """
        reader = Coalesce("account", follower_of("candidate__adviser"))
        return self.annotate(reader=reader).exclude(muted_by=F("reader"))


class SavedSearch(Versioned):
    """A named search: its query string, and its news.

    One for a person moves with her to a new adviser. Unknown criteria are kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        User,
        models.CASCADE,
        verbose_name="compte",
        null=True,
        related_name="saved_searches",
    )
    candidate = models.ForeignKey(
        Candidate,
        models.CASCADE,
        verbose_name="candidat",
        null=True,
        related_name="saved_searches",
    )
    name = GuardedCharField("nom de la recherche", max_length=LONGEST_NAME)
    query = models.CharField("critères", max_length=LONGEST_QUERY, editable=False)
    alert = models.CharField(
        "courriels de nouvelles offres",
        max_length=12,
        choices=AlertPace,
        default=AlertPace.NONE,
    )
    # The stand-in who stopped the e-mails: the adviser gets them again on her return.
    muted_by = models.ForeignKey(
        User,
        models.SET_NULL,
        verbose_name="sans courriel pour",
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField("enregistrée le", db_default=Now())
    # Offers that came in after these instants are new: the visit before the last
    # one, the last visit, the last e-mail.
    seen_until = models.DateTimeField("vue jusqu’au", db_default=Now(), editable=False)
    opened_at = models.DateTimeField("ouverte le", db_default=Now(), editable=False)
    notified_until = models.DateTimeField(
        "annoncée jusqu’au", db_default=Now(), editable=False
    )
    emailed_at = models.DateTimeField("dernier courriel le", null=True, editable=False)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = "recherche enregistrée"
        verbose_name_plural = "recherches enregistrées"
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(candidate__isnull=True),
                name="search_is_an_accounts_or_a_persons",
            ),
            models.UniqueConstraint(
                F("account"),
                FOLDED_NAME,
                condition=Q(account__isnull=False),
                name="search_name_of_its_own",
                violation_error_message=NAME_TAKEN,
            ),
            models.UniqueConstraint(
                fields=["candidate", "query"],
                condition=Q(candidate__isnull=False),
                name="one_search_for_a_person",
                violation_error_message="Cette recherche est déjà enregistrée pour "
                "ce candidat.",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""),
                name="search_has_name_and_criteria",
                violation_error_message="Une recherche a un nom et des critères.",
            ),
            models.CheckConstraint(
                condition=Q(alert__in=AlertPace.values), name="search_alert_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["alert", "notified_until"],
                condition=~Q(alert="aucune"),
                name="search_alerts",
            )
        ]

    # Attributes that ``matching`` sets.
    criteria: Criteria
    parts: list[str]
    unread: list[str]
    news = 0
    found: list[tuple[Offer, bool]]
    has_more = False
    reader: int

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("saved_search", args=[self.pk])

    @property
    def in_words(self) -> str:
        """Return its criteria, unless its name says them already."""
        if ", ".join(part.strip("« »") for part in self.parts) == self.name:
            return ""
        return " · ".join(self.parts) or "Critères illisibles"

    @property
    def results_url(self) -> str:
        """Return the URL of its results, news first."""
        if not self.news:
            return f"{reverse('offers')}?{self.query}"
        sort = self.criteria.sort or Sort.DATE
        return self.criteria.changed(days=None, sort=sort).url

    @property
    def is_sound(self) -> bool:
        """Return whether all criteria are still valid."""
        return not self.unread and not has_no_criteria(self.criteria)

    @property
    def shown_news(self) -> str:
        """Format « 12 », « plus de 99 »."""
        return f"plus de {MOST_NEWS}" if self.news > MOST_NEWS else str(self.news)

    @property
    def has_alert(self) -> bool:
        return self.alert != AlertPace.NONE

    @property
    def new_since(self) -> dt.datetime:
        """Return the instant since which offers are new."""
        is_same_visit = timezone.now() - self.opened_at < ONE_VISIT
        return self.seen_until if is_same_visit else self.opened_at

    def pace_for(self, user: User) -> str:
        return AlertPace.NONE if self.muted_by_id == user.pk else self.alert


def has_no_criteria(criteria: Criteria) -> bool:
    """Return whether it finds all offers: age is no criterion."""
    return criteria.changed(days=None).is_empty


# The maximum between the start of a transaction and its first write: before it,
# PostgreSQL does not count the transaction as writing.
MARGIN = dt.timedelta(seconds=5)
# The morning's e-mails.
DAILY_AT = dt.time(7, 0)


def settled_until() -> dt.datetime:
    with connection.cursor() as cursor:
        statement = "SELECT opus_settled_until(make_interval(secs => %s))"
        cursor.execute(statement, [MARGIN.total_seconds()])
        (instant,) = cursor.fetchone()
    return instant


def last_morning(instant: dt.datetime) -> dt.datetime:
    """Return the last hour of the morning's e-mails, in Paris."""
    local = timezone.localtime(instant)
    day = local.date() if local.time() >= DAILY_AT else local.date() - dt.timedelta(1)
    return timezone.make_aware(dt.datetime.combine(day, DAILY_AT))
