"""Both sides of a convention: a partner structure, an agency."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from opus.lib.database.name_order import ByName
from opus.lib.database.versions import Versioned
from opus.lib.forms.fields import (
    phone_field,
    phones_written,
    postcode_written,
    validate_insee,
    validate_postcode,
    validate_safir,
    validate_siret,
)

IN_A_LOOP = (
    "Une agence ne dépend pas d’elle-même, ni d’une agence qui dépend d’elle\xa0: "
    "choisissez un autre rattachement."
)


class AgencyKind(models.TextChoices):
    AGENCY = "agence", "agence"
    TERRITORY = "dt", "direction territoriale"
    REGION = "dr", "direction régionale"
    NATIONAL = "national", "direction générale"


# Four levels, and as many again for those that the network may create.
DEEPEST = 8


class Agency(Versioned):
    """A place of France Travail's network, by SAFIR code (``import_agencies``)."""

    safir = models.CharField(
        "code SAFIR", max_length=5, primary_key=True, validators=[validate_safir]
    )
    aurore = models.CharField("code AURORE", max_length=20, blank=True)
    kind = models.CharField(
        "niveau", max_length=10, choices=AgencyKind, default=AgencyKind.AGENCY
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="dépend de",
        null=True,
        blank=True,
        related_name="children",
    )
    name = models.CharField("nom", max_length=120)
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField(
        "code postal", max_length=5, blank=True, validators=[validate_postcode]
    )
    city = models.CharField("ville", max_length=80, blank=True)
    department = models.CharField("département", max_length=3, blank=True)
    region = models.CharField("région", max_length=2, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = "agence"
        ordering = (ByName("name"),)
        constraints = [
            models.CheckConstraint(
                condition=Q(safir__regex=r"^\d{5}$"),
                name="safir_has_five_digits",
                violation_error_message="Un code SAFIR compte 5 chiffres.",
            ),
            postcode_written("postcode_of_an_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.safir})"

    def upwards(self) -> Iterator["Agency"]:
        """Yield itself, then each place above; stop at a loop."""
        place: Agency | None = self
        for _ in range(DEEPEST):
            if place is None:
                return
            yield place
            place = place.parent

    def clean(self) -> None:
        """Refuse a place above itself; a trigger does too."""
        if self.parent and self in self.parent.upwards():
            raise ValidationError({"parent": IN_A_LOOP})


class StructureKind(models.TextChoices):
    """Never printed on a document: it may harm the person."""

    MISSION_LOCALE = "mission_locale", "mission locale"
    CCAS = "ccas", "CCAS ou CIAS"
    PLIE = "plie", "PLIE"
    CAP_EMPLOI = "cap_emploi", "Cap emploi"
    COUNCIL = "departement", "conseil départemental"
    ASSOCIATION = "association", "association"
    OTHER = "autre", "autre"


class Structure(Versioned):
    """A partner of France Travail: a social service, a PLIE…"""

    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=20, choices=StructureKind)
    siret = models.CharField(
        "SIRET", max_length=14, unique=True, validators=[validate_siret]
    )
    sender_name = models.CharField(
        "nom d’expéditeur",
        max_length=80,
        help_text="Ligne imprimée sur les documents remis aux candidats. Elle ne dit "
        "pas la nature de la structure.",
    )
    address = models.CharField("adresse", max_length=200)
    postcode = models.CharField(
        "code postal", max_length=5, validators=[validate_postcode]
    )
    city = models.CharField("ville", max_length=80)
    commune_code = models.CharField(
        "code INSEE de la commune", max_length=5, validators=[validate_insee]
    )
    phone = phone_field("téléphone")
    email = models.EmailField("adresse électronique", blank=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name="agence", related_name="structures"
    )

    class Meta:
        verbose_name = "structure"
        ordering = (ByName("name"),)
        constraints = [
            phones_written("phone", name="phone_of_a_structure"),
            postcode_written("postcode_of_a_structure"),
        ]

    def __str__(self) -> str:
        return self.name
