"""Favourite offers, with or without a person (U6)."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from referrals.candidates.models import Candidate, followed_by


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def visible_to(self, user: User) -> Self:
        """Filter those of followed persons, and the user's own (S24)."""
        of_persons = followed_by(user, "candidate__adviser")
        return self.filter(
            (of_persons & Q(candidate__structure=user.structure_id))
            | Q(adviser=user.pk)
        )

    def for_page(self) -> Self:
        """Return them by person, the latest first; long texts deferred."""
        return (
            self.select_related("offer", "candidate")
            .defer("offer__description", "offer__details", "offer__skills_text")
            .order_by(
                "candidate__last_name",
                "candidate__first_name",
                "candidate__pk",
                "-created_at",
                "pk",
            )
        )

    def forgotten(self) -> Self:
        """Return those whose offer was withdrawn long ago."""
        limit = timezone.now() - settings.FAVOURITE_OUTLIVES_ITS_OFFER
        return self.exclude(offer__state=OfferState.ACTIVE).filter(
            offer__state_at__lt=limit
        )


class Favourite(models.Model):
    """An offer saved for a person, or for its adviser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        models.CASCADE,
        verbose_name="candidat",
        null=True,
        related_name="favourites",
    )
    adviser = models.ForeignKey(
        User,
        models.CASCADE,
        verbose_name="conseiller",
        null=True,
        related_name="favourites",
    )
    offer = models.ForeignKey(
        Offer, models.CASCADE, verbose_name="offre", related_name="favourites"
    )
    created_at = models.DateTimeField("gardée le", db_default=Now())

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        verbose_name = "offre gardée"
        verbose_name_plural = "offres gardées"
        ordering = ("-created_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "offer"],
                condition=Q(candidate__isnull=False),
                name="one_favourite_for_a_person",
                violation_error_message="Cette offre est déjà gardée pour ce candidat.",
            ),
            models.UniqueConstraint(
                fields=["adviser", "offer"],
                condition=Q(adviser__isnull=False),
                name="one_favourite_for_nobody",
                violation_error_message="Vous gardez déjà cette offre.",
            ),
            models.CheckConstraint(
                condition=Q(candidate__isnull=False, adviser__isnull=True)
                | Q(candidate__isnull=True, adviser__isnull=False),
                name="favourite_is_a_persons_or_an_advisers",
            ),
        ]

    def __str__(self) -> str:
        return self.offer_id

    @property
    def offer_is_withdrawn(self) -> bool:
        """Return whether its content is hidden (art. 3.1, R1)."""
        return not self.offer.is_active
