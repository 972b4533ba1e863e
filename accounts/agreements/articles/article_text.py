"""Read the plain text of an agreement: articles, sections, lists.

``Article 4 : Accès`` opens an article, ``4.1 Désignation`` a section of it, each on a
line of its own; ``- `` begins an item; an empty line ends a paragraph. What stands
before article 1 is the preamble. ``[structure]`` is replaced by what it names.
"""

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping

from django.core.exceptions import ValidationError

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
