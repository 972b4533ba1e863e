"""Both sides of a convention: a partner structure, an agency."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import reduce
from operator import or_
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from accounts.structures.communes import in_a_commune, is_listed
from opus.lib.database.name_order import ByName
from opus.lib.database.versions import Versioned
from opus.lib.forms import fields
from opus.lib.text_guard.fields import GuardedCharField
from opus.lib.text_guard.guard import look

LONGEST = 5
# The identifiers of France Travail's staff begin so.
OF_STAFF = "FT"
WRITTEN = r"^[A-Z0-9]{2,5}$"
NOT_WRITTEN = (
    "Un préfixe compte de 2 à 5 lettres majuscules sans accent ou chiffres, par "
    "exemple IDA."
)
validate_prefix = RegexValidator(WRITTEN.replace("$", r"\Z"), NOT_WRITTEN)

# Words that name no structure: its nature, and articles.
LEFT_OUT = frozenset(
    """
    ccas cias plie mission locale cap emploi conseil departemental association
    centre communal intercommunal action sociale service de du des la le les l et
    en sur pour a au aux
    """.split()  # noqa: SIM905 - one word a string would be a column
)


def default_prefix(name: str, taken: Collection[str]) -> str:
    """Return a free prefix from a name: its initials, else its start."""
    plain = re.sub(r"['\u2019]", " ", unicodedata.normalize("NFKD", name))
    plain = plain.encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+|[0-9]+", plain)
    named = [word for word in words if word not in LEFT_OUT] or words or ["opus"]
    initials = "".join(word if word.isdigit() else word[0] for word in named)
    short = initials if len(initials) > 1 else f"{named[0]}opus"[:3]
    first = short[:LONGEST].upper()
    others = (f"{first[: LONGEST - len(str(n))]}{n}" for n in itertools.count(2))
    spent = {*taken, OF_STAFF}
    return next(one for one in itertools.chain([first], others) if one not in spent)


# Read by Python and by PostgreSQL: no \b, no (?:…), both cases of accents.
E = "[eéEÉ]"
TELLING = "|".join(
    [
        *("ccas", "c\\.c\\.a\\.s", "cias", "plie", "rsa", "caf", "msa", "chrs", "spip"),
        *("pjj", "epide", "csapa", "cada", "esat", "ase", "sos"),
        *("sociale?s?", "sociaux"),
        *("insertion", f"r{E}insertion", f"solidarit{E}s?", "mission locale"),
        *("missions locales", "cap emploi", "aides?", "secours", "handicap[^ ]*"),
        *("asile", f"r{E}fugi{E}s?", "migrants?", "addictions?", "addictologie"),
        *("probation", f"p{E}nitentiaires?", "prisons?", f"d{E}tenus?", "justice"),
        *(f"h{E}bergement", "sans[ -]abris?", f"pr{E}carit{E}", "exclusion"),
        *("femmes", "violences?", "protection de l.enfance", f"pauvret{E}"),
    ]
)
EDGE = "[^A-Za-zÀ-ÖØ-öø-ÿ0-9]"
TELLS = f"(^|{EDGE})({TELLING})($|{EDGE})"
REFUSED = (
    "Le nom d’expéditeur ne dit pas la nature de la structure\u00a0: il est imprimé "
    "sur les documents remis aux candidats, et révèlerait qu’un service social les "
    "accompagne (convention, art. 9.2). Écrivez par exemple «\u00a0Service emploi de "
    "la ville\u00a0»."
)
found_in = re.compile(TELLS, re.IGNORECASE)


def validate_sender_name(name: str) -> None:
    """Refuse a name that shows what the persons' situation may be."""
    if found := found_in.search(name):
        raise ValidationError(f"«\u00a0{found[2]}\u00a0»\u00a0: {REFUSED}")
    if findings := look(name):
        word = name[findings[0].start : findings[0].end]
        raise ValidationError(f"«\u00a0{word}\u00a0»\u00a0: {REFUSED}")


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
        "code SAFIR", max_length=5, primary_key=True, validators=[fields.validate_safir]
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
        "code postal", max_length=5, blank=True, validators=[fields.validate_postcode]
    )
    city = GuardedCharField("ville", max_length=80, blank=True, known=in_a_commune)
    department = models.CharField("département", max_length=3, blank=True)
    region = models.CharField("région", max_length=2, blank=True)
    # Shown to the advisers whose acts it follows, and printed on their documents.
    phone = fields.phone_field("téléphone", db_default="")
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
            fields.postcode_written("postcode_of_an_agency"),
            fields.phones_written("phone", name="phone_of_an_agency"),
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


class StructureQuerySet(models.QuerySet["Structure"]):
    def without_commune(self) -> Self:
        """Filter those whose INSEE code the official list does not have."""
        return self.exclude(is_listed())


class Structure(Versioned):
    """A partner of France Travail: a social service, a PLIE…"""

    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=20, choices=StructureKind)
    siret = models.CharField(
        "SIRET", max_length=14, unique=True, validators=[fields.validate_siret]
    )
    sender_name = models.CharField(
        "nom d’expéditeur",
        max_length=80,
        validators=[validate_sender_name],
        help_text="Ligne imprimée sur les documents remis aux candidats. Elle ne dit "
        "pas la nature de la structure.",
    )
    identifier_prefix = models.CharField(  # noqa: DJ001 - an earlier release has none
        "préfixe des identifiants",
        max_length=LONGEST,
        null=True,
        blank=True,
        validators=[validate_prefix],
        help_text="De 2 à 5 lettres majuscules ou chiffres\xa0: IDA donne IDA-7K2F. "
        "Sans préfixe, Opus en fait un du nom. Les identifiants déjà remis ne changent "
        "pas.",
    )
    address = GuardedCharField("adresse", max_length=200)
    postcode = models.CharField(
        "code postal", max_length=5, validators=[fields.validate_postcode]
    )
    city = models.CharField("ville", max_length=80)
    commune_code = models.CharField(
        "code INSEE de la commune", max_length=5, validators=[fields.validate_insee]
    )
    phone = fields.phone_field("téléphone")
    email = models.EmailField("courriel", blank=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name="agence", related_name="structures"
    )

    objects = StructureQuerySet.as_manager()

    class Meta:
        verbose_name = "structure"
        ordering = (ByName("name"),)
        constraints = [
            fields.phones_written("phone", name="phone_of_a_structure"),
            fields.postcode_written("postcode_of_a_structure"),
            fields.siret_written("siret_of_a_structure"),
            # By an index, which PostgreSQL makes without locking the table.
            models.UniqueConstraint(
                Upper("identifier_prefix"),
                name="prefix_of_one_structure",
                violation_error_message="Une autre structure a déjà ce préfixe\xa0: "
                "choisissez-en un autre.",
            ),
            models.CheckConstraint(
                condition=Q(identifier_prefix__regex=WRITTEN),
                name="prefix_of_identifiers_written",
                violation_error_message=NOT_WRITTEN,
            ),
            models.CheckConstraint(
                condition=~Q(identifier_prefix=OF_STAFF),
                name="prefix_of_staff_is_reserved",
                violation_error_message="FT commence les identifiants des agents de "
                "France Travail\xa0: choisissez un autre préfixe.",
            ),
            models.CheckConstraint(
                condition=~Q(sender_name__iregex=TELLS),
                name="sender_name_tells_no_service",
                violation_error_message=REFUSED,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public_body(self) -> bool:
        """Return whether a council's vote lets it sign."""
        return self.kind in (StructureKind.CCAS, StructureKind.COUNCIL)

    def save(self, **options: Any) -> None:
        """Save, with a prefix made from the name if it has none."""
        if self.identifier_prefix:
            super().save(**options)
            return
        if options.get("update_fields") is not None:
            fields = {*options["update_fields"], "identifier_prefix"}
            options["update_fields"] = fields
        # Two structures saved at once would choose one prefix.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('prefixes'))")
            self.identifier_prefix = self.free_prefix()
            super().save(**options)

    def given_prefix(self) -> str:
        """Return its prefix, made now if an earlier release saved it."""
        if not self.identifier_prefix:
            self.save(update_fields=["identifier_prefix"])
        return self.identifier_prefix or ""

    def free_prefix(self) -> str:
        others = Structure.objects.exclude(pk=self.pk).order_by()
        taken = others.values_list("identifier_prefix", flat=True)
        return default_prefix(self.name, set(filter(None, taken)))


def agencies_under(home: Agency | None) -> QuerySet[Agency] | None:
    """Return the agencies of a territory; None for the country.

    From the network's tree; an agency without parent falls under its department or
    region.
    """
    if home is None or home.kind == AgencyKind.NATIONAL:
        return None
    family = Q(pk=home.pk) | Q(parent=home) | Q(parent__parent=home)
    if home.kind == AgencyKind.TERRITORY and home.department:
        family |= Q(parent=None, kind=AgencyKind.AGENCY, department=home.department)
    if home.kind == AgencyKind.REGION and home.region:
        family |= Q(parent=None, region=home.region) & ~Q(kind=AgencyKind.NATIONAL)
    return Agency.objects.filter(family)


def in_places[M: models.Model](
    rows: QuerySet[M], agencies: QuerySet[Agency] | None, *paths: str
) -> QuerySet[M]:
    """Filter what any path ties to these agencies; None is the country."""
    if agencies is None:
        return rows
    ties = (Q(**{f"{path}__in": agencies.values("pk")}) for path in paths)
    return rows.filter(reduce(or_, ties))


def places_over(safir: str) -> QuerySet[Agency]:
    """Return places whose territory has that agency, itself included."""
    here = Agency.objects.filter(pk=safir)
    alone = here.filter(parent=None)
    of_department = alone.filter(kind=AgencyKind.AGENCY).exclude(department="")
    of_region = alone.exclude(region="")
    return Agency.objects.filter(
        Q(pk=safir)
        | Q(pk__in=here.values("parent"))
        | Q(pk__in=here.values("parent__parent"))
        | Q(
            kind=AgencyKind.TERRITORY, department__in=of_department.values("department")
        )
        | Q(kind=AgencyKind.REGION, region__in=of_region.values("region"))
    )
