"""The searches that somebody keeps, and the offers that he opened of late."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from offers.models.offers import Offer
from opus.lib.versions import Versioned
from opus.lib.wording.fields import GuardedCharField

if TYPE_CHECKING:
    from offers.criteria import Criteria

# The trigger ``opus_hold_searches`` knows the same number.
MOST_SEARCHES = 20
LONGEST_NAME = 50
# A search holds at most 20 places, 20 trades and 200 characters of words.
LONGEST_QUERY = 2_000
# Nobody reads further: counting on would cost for nothing.
MOST_NEWS = 99
NAME_TAKEN = "Une de vos recherches porte déjà ce nom : donnez-en un autre."


class Folded(Func):
    """A text without case and accents: what makes two names the same."""

    function = "opus_folded"
    output_field = TextField()


class AlertPace(models.TextChoices):
    """How often new offers of a search are written to its owner."""

    NONE = "aucune", "Aucun e-mail"
    DAILY = "quotidienne", "Chaque jour à 7 h"
    AT_ONCE = "immediate", "Dès qu’une offre arrive"


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Questions asked of kept searches."""

    def visible_to(self, user: User) -> Self:
        """One's own, and nobody else's, the RGC's included."""
        return self.filter(account=user.pk)

    def with_alert(self) -> Self:
        return self.exclude(alert=AlertPace.NONE)


class SavedSearch(Versioned):
    """A search that an adviser keeps: its address without the page, under a name.

    The address is kept as it was: what a later Opus does not understand any more is
    told on its page, and comes back if that Opus learns it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="saved_searches"
    )
    name = GuardedCharField(
        "nom de la recherche", max_length=LONGEST_NAME, is_label=True
    )
    query = models.CharField("critères", max_length=LONGEST_QUERY, editable=False)
    alert = models.CharField(
        "e-mails d’alerte",
        max_length=12,
        choices=AlertPace,
        default=AlertPace.NONE,
    )
    created_at = models.DateTimeField("enregistrée le", db_default=Now())
    # Offers that came in from these instants on are new, for the eye and for letters.
    opened_at = models.DateTimeField("ouverte le", db_default=Now(), editable=False)
    told_until = models.DateTimeField(
        "annoncée jusqu’au", db_default=Now(), editable=False
    )
    letter_at = models.DateTimeField("dernier e-mail le", null=True, editable=False)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = "recherche enregistrée"
        verbose_name_plural = "recherches enregistrées"
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                F("account"),
                Folded(F("name")),
                name="search_name_of_its_own",
                violation_error_message=NAME_TAKEN,
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
                fields=["alert", "told_until"],
                condition=~Q(alert="aucune"),
                name="search_alerts",
            )
        ]

    # What ``offers.saved.words`` and ``offers.saved.news`` put beside the row.
    criteria: Criteria
    parts: list[str]
    unread: list[str]
    news = 0

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("saved_search", args=[self.pk])

    @property
    def results_url(self) -> str:
        """Its results, from its address as it was kept: what is not understood is told.

        Where something is new, the newest first, unless it has an order of its own.
        """
        order = "&tri=date" if self.news and not self.criteria.sort else ""
        return f"{reverse('offers')}?{self.query}{order}"

    @property
    def is_sound(self) -> bool:
        """Whether all that was kept is still understood: only then is it asked."""
        return not self.unread and not self.criteria.is_empty

    @property
    def has_more_news(self) -> bool:
        """Whether there are more than one counts."""
        return self.news > MOST_NEWS

    @property
    def shown_news(self) -> str:
        """« 12 », « plus de 99 »."""
        return f"plus de {MOST_NEWS}" if self.has_more_news else str(self.news)

    @property
    def has_alert(self) -> bool:
        return self.alert != AlertPace.NONE


class SeenOffer(models.Model):
    """An offer that somebody opened: his own memory, not evidence of anything.

    Without a constraint to the offers' table: a page that opens never waits for a
    batch of the feed that holds the offer's row. A trigger takes the row away with the
    offer's row of the search, that is as soon as France Travail withdraws it.
    """

    pk = models.CompositePrimaryKey("account_id", "offer_id")
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="+", db_constraint=False
    )
    at = models.DateTimeField("ouverte le", db_default=Now())

    class Meta:
        verbose_name = "offre vue"
        verbose_name_plural = "offres vues"
        ordering = ("-at", "offer")

    def __str__(self) -> str:
        return self.offer_id
