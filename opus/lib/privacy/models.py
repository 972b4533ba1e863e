"""Corrected data (V14), legal holds (V11) and runs of the purge (V10)."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib import admin
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import capfirst

from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import days_within, moment
from opus.lib.privacy.personal_data import Person


class CorrectionReason(models.TextChoices):
    """Coded, so that staff write nothing about the person."""

    MISTAKE = "erreur", "erreur de saisie"
    CHANGE = "changement", "changement de situation"
    REQUESTED = "demande", "à la demande de la personne (art. 10)"


class CorrectionBase(models.Model):
    # The foreign key to the person; ``Person`` has its plural.
    SUBJECT: ClassVar[str]

    gesture = models.UUIDField("geste", default=uuid.uuid4, editable=False)
    field = models.CharField("donnée", max_length=40)
    before = models.CharField("avant", max_length=254, blank=True)
    after = models.CharField("après", max_length=254, blank=True)
    reason = models.CharField("motif", max_length=20, choices=CorrectionReason)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+"
    )
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        abstract = True
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"rectification n° {self.pk}"

    @property
    def label(self) -> str:
        subject: Any = self._meta.get_field(self.SUBJECT).related_model
        return str(subject._meta.get_field(self.field).verbose_name)

    @classmethod
    def keep(
        cls, subject: models.Model, before: Mapping[str, str], *, by: Any, reason: str
    ) -> uuid.UUID | None:
        """Store former values; return the correction's key, if any."""
        if not before:
            return None
        gesture = uuid.uuid4()
        cls._base_manager.bulk_create(
            cls(
                gesture=gesture,
                field=name,
                before=said,
                after=getattr(subject, name),
                reason=reason,
                by=by,
                **{cls.SUBJECT: subject},
            )
            for name, said in before.items()
        )
        return gesture


def corrections_of(person: Person) -> list[CorrectionBase]:
    rows: list[CorrectionBase] = []
    for model in CorrectionBase.__subclasses__():
        numbers = getattr(person, f"{model.SUBJECT}s")
        if numbers:
            mine = model._base_manager.filter(**{f"{model.SUBJECT}__in": numbers})
            rows += mine.select_related("by")
    return sorted(rows, key=lambda row: (row.at, row.pk))


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


# The key of the rows that could not be purged.
FAILED = "lignes en erreur"


class PurgeRun(models.Model):
    """One run of the purge, with its counts (V10, R25)."""

    began_at = models.DateTimeField("commencée le", db_default=Now())
    ended_at = models.DateTimeField("finie le", null=True)
    # Class → kind → count; no name, no number of a person.
    counts = models.JSONField("supprimé ou effacé", default=dict)

    class Meta:
        verbose_name = "purge des données personnelles"
        verbose_name_plural = "purges des données personnelles"
        ordering = ("-began_at",)

    def __str__(self) -> str:
        return moment(self.began_at)

    @property
    @admin.display(description="lignes")
    def total(self) -> int:
        everything = sum(sum(numbers.values()) for numbers in self.counts.values())
        return everything - self.failures

    @property
    @admin.display(description="lignes en erreur")
    def failures(self) -> int:
        return sum(numbers.get(FAILED, 0) for numbers in self.counts.values())

    def failed(self, retention: str) -> int:
        return int(self.counts.get(retention, {}).get(FAILED, 0))

    def add(self, retention: str, counts: dict[str, int]) -> None:
        """Add a batch's counts; a preview saves nothing."""
        numbers = self.counts.setdefault(retention, {})
        for what, number in counts.items():
            numbers[what] = numbers.get(what, 0) + number
        if self.pk is not None:
            self.save(update_fields=["counts"])
