"""Model text by version, document of a convention, signed copy."""

import dataclasses
import datetime as dt
import enum
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.users.models import User, person_key
from opus.lib.background_files import FrozenDocument
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned

ARTICLE = re.compile(r"Article (\d{1,2})\s*[.:–-]\s*(\S.*)")
SECTION = re.compile(r"(\d{1,2})\.(\d{1,2})\s+(\S.*)")
NAME = re.compile(r"\[([^\[\]]*)\]")

# What a model text may name, and what Opus writes instead.
NAMES = {
    "structure": "le nom de la structure",
    "agence": "l’agence signataire",
    "responsable du suivi": "le responsable du suivi de l’annexe 2",
    "correspondant France Travail": "le correspondant France Travail de l’annexe 2",
    "nombre de comptes": "le nombre de comptes de l’annexe 2",
    "convention de partenariat": "le numéro de la convention de partenariat",
    "date d’effet": "le jour où la convention prend effet",
    "date de fin": "le jour où la convention prend fin",
}


class Kind(enum.StrEnum):
    ARTICLE = "article"
    SECTION = "section"
    PARAGRAPH = "paragraph"
    ITEMS = "items"


@dataclasses.dataclass
class Block:
    kind: Kind
    number: str = ""
    text: str = ""
    items: list[str] = dataclasses.field(default_factory=list)


def blocks_of(text: str) -> list[Block]:
    blocks: list[Block] = []
    is_new = True
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            is_new = True
        elif found := ARTICLE.fullmatch(line):
            blocks.append(Block(Kind.ARTICLE, found[1], found[2]))
            is_new = True
        elif found := SECTION.fullmatch(line):
            blocks.append(Block(Kind.SECTION, f"{found[1]}.{found[2]}", found[3]))
            is_new = True
        elif line.startswith("- "):
            if is_new or blocks[-1].kind != Kind.ITEMS:
                blocks.append(Block(Kind.ITEMS))
            blocks[-1].items.append(line.removeprefix("- "))
            is_new = False
        elif is_new:
            blocks.append(Block(Kind.PARAGRAPH, text=line))
            is_new = False
        elif blocks[-1].kind == Kind.ITEMS:
            blocks[-1].items[-1] += f" {line}"
        else:
            blocks[-1].text += f" {line}"
    return blocks


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each name in brackets that has a value."""
    return NAME.sub(lambda found: values.get(found[1], found[0]), text)


def validate_names(text: str) -> None:
    unknown = [name for name in NAME.findall(text) if name not in NAMES]
    if unknown:
        known = ", ".join(f"[{name}]" for name in NAMES)
        raise ValidationError(
            f"Opus ne sait pas remplacer [{unknown[0]}]. Entre crochets s’écrivent : "
            f"{known}."
        )


def validate_articles(text: str) -> None:
    """Check numbers and order; raise ValidationError with every reason."""
    if problems := list(problems_of(blocks_of(text))):
        raise ValidationError(problems)


def problems_of(blocks: list[Block]) -> Iterator[str]:
    article = section = 0
    for place, block in enumerate(blocks):
        if block.kind == Kind.ARTICLE:
            article, section = article + 1, 0
            if int(block.number) != article:
                yield (
                    f"Après l’article {article - 1} vient l’article {article}, et non "
                    f"l’article {block.number}."
                    if article > 1
                    else f"Le premier article porte le numéro 1, et non {block.number}."
                )
                article = int(block.number)
        elif block.kind == Kind.SECTION:
            section += 1
            if block.number != f"{article}.{section}":
                yield (
                    f"Le numéro {block.number} n’est pas à sa place : "
                    f"{article}.{section} est attendu."
                )
        if block.kind in (Kind.ARTICLE, Kind.SECTION) and is_empty(blocks, place):
            yield f"Le numéro {block.number} n’a pas de texte."
    if not article:
        yield "Ce texte n’a pas d’article : écrivez « Article 1 : Objet »."


def is_empty(blocks: list[Block], place: int) -> bool:
    """Return whether no text follows a heading before the next."""
    following = blocks[place + 1] if place + 1 < len(blocks) else None
    if following is None or following.kind == Kind.ARTICLE:
        return True
    return following.kind == blocks[place].kind


LONGEST_TEXT = 60_000
LONGEST_BASIS = 6_000


class ModelTextQuerySet(models.QuerySet["ModelText"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def latest_published(self) -> "ModelText | None":
        return self.published().order_by("published_at", "pk").last()


class ModelText(Versioned):
    """A version of France Travail's text; published, it never changes.

    Freezing starts at publication, not at the first signature: the parties may have
    signed on paper before Opus records it.
    """

    name = models.CharField(
        "version",
        max_length=20,
        unique=True,
        help_text="Par exemple 2026-1. Le document d’une convention la porte.",
    )
    legal_basis = models.TextField(
        "visas",
        max_length=LONGEST_BASIS,
        validators=[validate_names],
        help_text="Les textes que la convention vise, un par ligne, sans « Vu » : "
        "Opus l’écrit, et ajoute la convention de partenariat.",
    )
    text = models.TextField(
        "texte",
        max_length=LONGEST_TEXT,
        validators=[validate_names, validate_articles],
        help_text="Un titre par ligne : « Article 4 : Accès », « 4.1 "
        "Désignation du RGC ». Une ligne vide sépare deux paragraphes, un tiret "
        "commence un point. Ce qui précède l’article 1 est le préambule. Opus remplace "
        f"{', '.join(f'[{name}]' for name in NAMES)}, et ajoute les "
        "parties, les signatures et les deux annexes.",
    )
    published_at = models.DateTimeField("publiée le", null=True, editable=False)
    published_by = person_key("publiée par", null=True, editable=False)

    objects = ModelTextQuerySet.as_manager()

    class Meta:
        verbose_name = "texte modèle"
        verbose_name_plural = "textes modèles"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="published_text_is_signed",
            )
        ]

    def __str__(self) -> str:
        return f"texte modèle {self.name}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def publish(self, *, by: User) -> None:
        """Publish it for the drafts; raise MoveRefused the second time."""
        if self.is_published:
            raise MoveRefused("Cette version est déjà publiée.")
        self.published_at, self.published_by = timezone.now(), by
        self.save(update_fields=["published_at", "published_by"])


def of_convention(related_name: str) -> Any:
    return models.OneToOneField(
        Convention, models.PROTECT, verbose_name="convention", related_name=related_name
    )


class AgreementDocument(FrozenDocument):
    """The agreement as printed: to be signed, then as signed.

    Its HTML is frozen at the signature with the names and addresses of that day: none
    of what it was made from is read again. Before, each preparation replaces the last.
    """

    convention = of_convention("document")
    model_text = models.ForeignKey(
        ModelText, models.PROTECT, verbose_name="texte modèle", related_name="+"
    )
    is_final = models.BooleanField("telle que signée", default=False)

    class Meta(FrozenDocument.Meta):
        verbose_name = "document d’une convention"
        verbose_name_plural = "documents de conventions"

    def __str__(self) -> str:
        return f"document de la {self.convention}"


class Sha256(Func):
    """The digest of a file, as PostgreSQL computes it."""

    template = "encode(sha256(%(expressions)s), 'hex')"
    output_field = models.CharField(max_length=64)


class SignedCopy(models.Model):
    """The scan of a signed convention, with its fingerprint.

    At term the file goes, its digest stays.
    """

    convention = of_convention("signed_copy")
    content = models.BinaryField("exemplaire signé (PDF)", editable=False)
    sha256 = models.CharField("empreinte", max_length=64, editable=False)
    added_by = person_key("ajouté par", editable=False)
    added_at = models.DateTimeField("ajouté le", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "exemplaire signé"
        verbose_name_plural = "exemplaires signés"
        constraints = [
            models.CheckConstraint(
                condition=Q(content=b"") | Q(sha256=Sha256(F("content"))),
                name="signed_copy_has_its_digest",
            )
        ]

    def __str__(self) -> str:
        return f"exemplaire signé de la {self.convention}"

    @property
    def added_on(self) -> dt.date:
        return timezone.localdate(self.added_at)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
