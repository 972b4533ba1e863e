from __future__ import annotations

import hashlib

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Commune(models.Model):
    code = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    # The name without accents, case, dashes and apostrophes: what suggestions compare.
    plain_name = models.CharField(max_length=80)
    department = models.CharField("département", max_length=3)
    region = models.CharField("région", max_length=2)
    postcodes = models.JSONField("codes postaux", default=list)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    population = models.PositiveIntegerField("habitants", default=0)

    class Meta:
        verbose_name = "commune"
        ordering = ("name",)
        indexes = [
            models.Index(
                fields=["plain_name"],
                opclasses=["varchar_pattern_ops"],
                name="commune_plain_name",
            ),
            GinIndex(fields=["postcodes"], name="commune_postcodes"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.department})"


class FormerCommune(models.Model):
    code = models.CharField("ancien code INSEE", max_length=5, primary_key=True)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="former_codes")

    class Meta:
        verbose_name = "ancienne commune"

    def __str__(self) -> str:
        return f"{self.code} → {self.commune_id}"


class Rome(models.Model):
    code = models.CharField("code ROME", max_length=5, primary_key=True)
    label = models.CharField("libellé", max_length=200)

    class Meta:
        verbose_name = "métier (ROME)"
        verbose_name_plural = "métiers (ROME)"
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.label} ({self.code})"


def label_key(name: str) -> int:
    """Return an appellation's key, as PostgreSQL's ``opus_label_key``."""
    plain = name.replace("-", " ")
    digest = hashlib.md5(plain.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], signed=True)


class Appellation(models.Model):
    """A job name within a trade, learnt from offers."""

    # ``opus_label_key`` of the label, which the search table stores instead.
    key = models.BigIntegerField(primary_key=True)
    label = models.CharField("libellé", max_length=200)
    # Without accents, case and signs: for typed words and, with dashes, addresses.
    plain = models.TextField()
    rome_code = models.CharField("code ROME", max_length=5, blank=True)

    class Meta:
        verbose_name = "appellation"
        ordering = ("label",)
        indexes = [models.Index(fields=["label"], name="appellation_label")]
        constraints = [
            models.UniqueConstraint(fields=["plain"], name="one_appellation_by_name")
        ]

    def __str__(self) -> str:
        """Return a label distinct from the trade's."""
        return f"{self.label} (appellation)"

    @property
    def code(self) -> str:
        """Return its name in addresses: « macon-maconne »."""
        return self.plain.replace(" ", "-")


class Skill(models.Model):
    code = models.IntegerField("code", primary_key=True)
    label = models.CharField("libellé", max_length=300)
    plain = models.TextField()

    class Meta:
        verbose_name = "compétence"
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label
