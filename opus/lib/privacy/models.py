from django.contrib import admin
from django.db import models
from django.db.models.functions import Now

from opus.lib.dates import moment

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
