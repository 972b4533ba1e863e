"""What somebody is told whose text is refused: the subject, and what to write (V2)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from opus.lib.wording.families import HINTS, SUBJECTS, Family

CODE = "wording"


class WordingError(ValidationError):
    """A subject that a text speaks of, and the field that it was typed in."""

    def __init__(self, family: Family, place: str) -> None:
        super().__init__(sentence(family), code=CODE)
        self.place = place


def sentences(families: Sequence[Family], place: str) -> list[ValidationError]:
    """One message a subject; never a word of the text."""
    return [WordingError(family, place) for family in families]


def sentence(family: Family) -> str:
    """Which subject, why it is refused, what to write instead."""
    if family not in SUBJECTS or family == Family.INSULT:
        return (
            f"Ce texte semble contenir {family.label}\u00a0: rien n’est enregistré. "
            f"{HINTS[family]}"
        )
    return (
        f"Ce texte semble évoquer {family.label}, ce que la convention interdit de "
        f"noter (art.\u00a09.1)\u00a0: rien n’est enregistré. {HINTS[family]}"
    )
