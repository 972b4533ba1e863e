"""What the search learns from live offers, and what staff teach it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from offers.reference.models import Rome
from opus.lib.database.versions import Versioned


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


class JobName(models.Model):
    """A name of a job, and one trade that live offers of it have.

    ``key``: its stems, sorted, as ``opus_name_key``. ``share``: the part of the offers
    of this name that are of this trade.
    """

    key = models.TextField("radicaux")
    rome_code = models.CharField("code ROME", max_length=5)
    offers = models.PositiveIntegerField("offres")
    share = models.FloatField("part")
    # An appellation or the label of a trade, and not some words of a title.
    is_label = models.BooleanField("libellé")

    class Meta:
        verbose_name = "nom de métier appris"
        verbose_name_plural = "noms de métier appris"
        ordering = ("key", "-share")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "rome_code"], name="one_row_by_job_name_and_trade"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.rome_code}"


class EverydayWord(Versioned):
    """A word that people say for a trade and offers do not."""

    words = models.CharField(
        "mots",
        max_length=80,
        help_text="Comme on les dit\xa0: ancien nom, abréviation, mot familier. "
        "Majuscules, accents et pluriels ne comptent pas.",
    )
    trades = ArrayField(
        models.CharField(max_length=5),
        size=5,
        verbose_name="codes ROME",
        help_text="De un à cinq codes, séparés par des virgules\xa0: K1304, K2204.",
    )
    key = models.GeneratedField(
        expression=models.Func(
            models.F("words"), function="opus_name_key", output_field=models.TextField()
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "mot courant"
        verbose_name_plural = "mots courants"
        ordering = ("words",)
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_everyday_word_by_key",
                violation_error_message="Ces mots sont déjà dans la liste.",
            ),
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="everyday_word_says_something",
                violation_error_message="Ces mots sont trop courants pour être "
                "reconnus.",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        codes = [code.strip().upper() for code in self.trades or ()]
        known = set(Rome.objects.filter(code__in=codes).values_list("code", flat=True))
        if unknown := [code for code in codes if code not in known]:
            raise ValidationError(
                {"trades": f"Code ROME inconnu\xa0: {', '.join(unknown)}."}
            )
        self.trades = codes


class MissedWord(models.Model):
    """Words that found nothing, once three accounts typed them."""

    words = models.CharField("mots", max_length=80, unique=True)
    # No time and no account: the day alone, for the 30 days of its keeping.
    on = models.DateField("le", db_default=Now())

    class Meta:
        verbose_name = "mot sans réponse"
        verbose_name_plural = "mots sans réponse"
        ordering = ("-on", "words")

    def __str__(self) -> str:
        return self.words


class Miss(models.Model):
    """Keyed hashes of words that found nothing and of who typed them."""

    words_hash = models.BinaryField(max_length=32)
    account_hash = models.BinaryField(max_length=32)
    on = models.DateField("le", db_default=Now())

    class Meta:
        verbose_name = "recherche sans réponse"
        verbose_name_plural = "recherches sans réponse"
        constraints = [
            models.UniqueConstraint(
                fields=["words_hash", "account_hash"], name="one_miss_by_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on}"
