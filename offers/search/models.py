from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Word(models.Model):
    """A word of live offers, for spelling suggestions."""

    # Without accents, case and signs: what is compared.
    plain = models.CharField(max_length=40, primary_key=True)
    label = models.CharField("mot", max_length=40)
    uses = models.PositiveIntegerField("emplois")

    class Meta:
        verbose_name = "mot des offres"
        verbose_name_plural = "mots des offres"
        ordering = ("plain",)
        indexes = [
            GinIndex(fields=["plain"], name="word_trigrams", opclasses=["gin_trgm_ops"])
        ]

    def __str__(self) -> str:
        return self.label
