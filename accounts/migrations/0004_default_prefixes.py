"""A prefix made from its name for each structure that has none.

The rule as it was then: what the product does later changes no migration.
"""

import itertools
import re
import unicodedata
from collections.abc import Collection
from typing import Any

from django.db import migrations

LEFT_OUT = frozenset(
    """
    ccas cias plie mission locale cap emploi conseil departemental association
    centre communal intercommunal action sociale service de du des la le les l et
    en sur pour a au aux
    """.split()  # noqa: SIM905 - one word a string would be a column
)


def prefix_of(name: str, taken: Collection[str]) -> str:
    """Return a free prefix from a name: its initials, else its start."""
    plain = re.sub(r"['\u2019]", " ", unicodedata.normalize("NFKD", name))
    plain = plain.encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+|[0-9]+", plain)
    named = [word for word in words if word not in LEFT_OUT] or words or ["opus"]
    initials = "".join(word if word.isdigit() else word[0] for word in named)
    short = initials if len(initials) > 1 else f"{named[0]}opus"[:3]
    first = short[:5].upper()
    others = (f"{first[: 5 - len(str(n))]}{n}" for n in itertools.count(2))
    spent = {*taken, "FT"}
    return next(one for one in itertools.chain([first], others) if one not in spent)


def make_prefixes(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("accounts", "Structure").objects.order_by("pk")
    taken = set(rows.values_list("identifier_prefix", flat=True))
    for structure in rows.filter(identifier_prefix=None):
        structure.identifier_prefix = prefix_of(structure.name, taken)
        structure.save(update_fields=["identifier_prefix"])
        taken.add(structure.identifier_prefix)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_identifier_prefixes")]

    operations = [migrations.RunPython(make_prefixes, migrations.RunPython.noop)]
