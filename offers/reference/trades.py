"""ROME trades and appellations, found by typed words.

A trade (« Maçon / Maçonne (F1703) ») is wide, an appellation (« Maçon / Maçonne en
pierres ») is one job name within it.
"""

import re
from collections.abc import Sequence

from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Length

from offers.reference.communes_in_memory import plain
from offers.reference.models import Appellation, Rome, label_key
from offers.reference.places import LONGEST_TEXT, SUGGESTIONS

# « F1703 », « Maçon / Maçonne (F1703) ».
CODED = re.compile(r"(?:.*\()?([A-N]\d{4})\)?", re.ASCII | re.IGNORECASE)
# Suffix of an appellation in the box, because a trade may have the same name.
MARK = " (appellation)"
# Number of trades among the suggestions if appellations match, too.
TRADES_FIRST = 4

type Job = Rome | Appellation


class Plain(Func):
    """A text without accents, case and signs."""

    function = "opus_plain"
    output_field = TextField()


def find_trades(codes: Sequence[str]) -> list[Rome]:
    """Return trades by code; an unknown code is its label."""
    found = Rome.objects.in_bulk(codes) if codes else {}
    return [found.get(code) or Rome(code=code, label="Métier") for code in codes]


def find_appellations(names: Sequence[str]) -> list[Appellation]:
    keys = [label_key(name) for name in names]
    found = Appellation.objects.in_bulk(keys) if keys else {}
    words = [name.replace("-", " ") for name in names]
    return [
        found.get(key) or Appellation(key=key, plain=text, label=text.capitalize())
        for key, text in zip(keys, words, strict=True)
    ]


def unknown_appellations(names: Sequence[str]) -> list[str]:
    """Return the words of names that Opus does not know."""
    keys = {label_key(name): name for name in names}
    found = Appellation.objects.in_bulk(list(keys)) if keys else {}
    return [name.replace("-", " ") for key, name in keys.items() if key not in found]


def suggest_trades(text: str) -> list[Job]:
    trades = list(matching_trades(text)[:SUGGESTIONS])
    room = SUGGESTIONS - min(len(trades), TRADES_FIRST)
    names = list(matching_appellations(text)[:room])
    return [*trades[: SUGGESTIONS - len(names)], *names]


def resolve_label(text: str) -> Job | None:
    """Return the trade or appellation of a label as proposed, or a code."""
    text = text[:LONGEST_TEXT].strip()
    if found := CODED.fullmatch(text):
        return Rome.objects.filter(code=found[1].upper()).first()
    if text.endswith(MARK):
        name = plain(text.removesuffix(MARK))
        return Appellation.objects.filter(plain=name).first()
    return None


def matching_trades(text: str) -> QuerySet[Rome]:
    rows = Rome.objects.alias(words=after_a_space(Plain(F("label"))))
    return beginning(rows, text).order_by(Length("label"), "code")


def matching_appellations(text: str) -> QuerySet[Appellation]:
    rows = Appellation.objects.alias(words=after_a_space(F("plain")))
    return beginning(rows, text).order_by(Length("label"), "label")


def after_a_space(plain_label: Combinable) -> Concat:
    """Return a label in which every word follows a space."""
    return Concat(Value(" "), plain_label, output_field=TextField())


def beginning[M: Model](rows: QuerySet[M], text: str) -> QuerySet[M]:
    """Filter rows whose ``words`` begin like each typed word."""
    typed = plain(text[:LONGEST_TEXT]).split()
    conditions = [Q(words__contains=f" {word}") for word in typed]
    return rows.filter(*conditions) if typed else rows.none()
