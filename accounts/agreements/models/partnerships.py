"""The convention de partenariat, parent of application conventions (art. 13)."""

from django.db import models
from django.db.models import F, Q

from opus.lib.database.versions import Versioned
from opus.lib.dates import days_within


class Partnership(Versioned):
    """A parent: its conventions stay within its dates (13)."""

    number = models.CharField("numéro", max_length=40, unique=True)
    partner = models.CharField(
        "partenaire ou réseau",
        max_length=120,
        help_text="Par exemple l’union départementale des CCAS, ou la structure.",
    )
    signed_on = models.DateField("signée le", null=True, blank=True)
    ends_on = models.DateField("prend fin le")

    class Meta:
        verbose_name = "convention de partenariat"
        verbose_name_plural = "conventions de partenariat"
        ordering = ("-ends_on", "number")
        constraints = [
            days_within("signed_on", "ends_on", name="partnership_within_the_years"),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(signed_on__lte=F("ends_on")),
                name="partnership_signed_before_it_ends",
                violation_error_message="La convention de partenariat prend fin avant "
                "sa signature : vérifiez les deux dates.",
            ),
            # The composite foreign key of conventions references it.
            models.UniqueConstraint(
                fields=["id", "ends_on"], name="partnership_with_its_end"
            ),
        ]

    def __str__(self) -> str:
        return f"n° {self.number}, {self.partner}"
