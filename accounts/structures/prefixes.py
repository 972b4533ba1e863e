"""The prefix of a structure's identifiers, such as IDA in IDA-7K2F."""

import itertools
import re
import unicodedata
from collections.abc import Collection

from django.core.validators import RegexValidator

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
