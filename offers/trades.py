"""Trades of the ROME directory, found by what people type of their label."""

import re
from collections.abc import Sequence

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat, Length

from offers.models import Rome
from offers.places import plain

CODE = re.compile(r"\b[A-N]\d{4}\b", re.ASCII)
LONGEST_TEXT = 120
SUGGESTIONS = 10
MOST_CHOICES = 20


class Plain(Func):
    """A text without accents, case and signs."""

    function = "opus_plain"
    output_field = TextField()


def find_trades(codes: Sequence[str]) -> list[Rome]:
    """The trades of these codes; one too new for the directory has its code alone."""
    found = Rome.objects.in_bulk(codes) if codes else {}
    return [found.get(code) or Rome(code=code, label="Métier") for code in codes]


def suggest_trades(text: str) -> Sequence[Rome]:
    """The trades with a word that begins like each word typed, shortest first."""
    return list(matching(text)[:SUGGESTIONS])


def resolve_trades(text: str) -> Sequence[Rome]:
    """The trades that a text names: one is an answer, several are a question."""
    if code := CODE.search(text[:LONGEST_TEXT].upper()):
        return list(Rome.objects.filter(code=code[0]))
    exact = Rome.objects.alias(plain=Plain("label")).filter(plain=plain(text))
    return list(exact[:MOST_CHOICES]) or list(matching(text)[:MOST_CHOICES])


def matching(text: str) -> QuerySet[Rome]:
    words = plain(text[:LONGEST_TEXT]).split()
    if not words:
        return Rome.objects.none()
    trades = Rome.objects.alias(
        plain=Concat(Value(" "), Plain(F("label")), output_field=TextField())
    )
    for word in words:
        trades = trades.filter(plain__contains=f" {word}")
    return trades.order_by(Length("label"), "code")
