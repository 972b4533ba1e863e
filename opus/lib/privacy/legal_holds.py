"""Legal holds keep rows past their term (V11)."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import capfirst

from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import days_within

# The reason, as the purge shows it.
LEGAL_HOLD = "conservation pour litige"


class LegalHoldReason(models.TextChoices):
    """Coded: staff write nothing about the person."""

    LAWSUIT = "contentieux", "contentieux ou procédure judiciaire"
    CLAIM = "reclamation", "réclamation ou recours administratif"
    CNIL = "cnil", "contrôle ou plainte auprès de la CNIL"
    SECURITY = "securite", "incident de sécurité en cours d’examen"


class LegalHoldQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Filter legal holds until their last day, unless lifted."""
        return self.filter(lifted_at__isnull=True, ends_on__gte=timezone.localdate())


class LegalHold(Versioned):
    # The foreign key to the person.
    SUBJECT: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reason = models.CharField("motif", max_length=20, choices=LegalHoldReason)
    reference = models.CharField(
        "référence du dossier",
        max_length=60,
        help_text="Le numéro du dossier contentieux ; aucun nom.",
    )
    ends_on = models.DateField(
        "conservé jusqu’au", help_text="Dernier jour ; à prolonger au besoin."
    )
    placed_at = models.DateTimeField("décidé le", db_default=Now(), editable=False)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="décidé par",
        related_name="+",
        editable=False,
    )
    lifted_at = models.DateTimeField("levé le", null=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="levé par",
        related_name="+",
        null=True,
        editable=False,
    )

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-placed_at", "pk")
        constraints = [
            days_within("ends_on", name="%(class)s_within_the_years"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="%(class)s_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="%(class)s_has_its_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{capfirst(self._meta.verbose_name)}, dossier {self.reference}"

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None and self.ends_on >= timezone.localdate()

    @property
    def status(self) -> str:
        if self.lifted_at:
            return "levée"
        return "en vigueur" if self.is_in_force else "échue"

    def _lock(self, refusal: str) -> None:
        rows: Any = type(self)._base_manager.select_for_update(no_key=True)
        self.refresh_from_db(fields=["lifted_at"], from_queryset=rows)
        if self.lifted_at:
            raise MoveRefused(refusal)

    @transaction.atomic
    def lift(self, *, by: Any) -> None:
        self._lock("Cette conservation est déjà levée.")
        self.lifted_at, self.lifted_by = timezone.now(), by
        self.save(update_fields=["lifted_at", "lifted_by"])
        journal.record(journal.Action.HOLD_LIFTED, by=by, target=self)

    @transaction.atomic
    def prolong(self, *, by: Any, ends_on: Any) -> None:
        self._lock("Cette conservation est levée : décidez-en une autre.")
        self.ends_on = ends_on
        self.save(update_fields=["ends_on"])
        details = {"ends_on": ends_on.isoformat()}
        journal.record(journal.Action.HOLD_PLACED, by=by, target=self, details=details)
