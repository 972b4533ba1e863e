"""What a document says of its offer, and what changed since (art. 7)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, F, Func, Q, TextField, Value, When
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from referrals.acts.act_rights import OFFERED, ActKind
from referrals.acts.models.acts import Act

FACTS_FIELD: Any = ArrayField(CharField(max_length=32))
# A paper is wrong once one of them changes; in the order of ``facts_of``.
FACTS = ("la présélection", "l’intitulé", "le lieu", "la façon de postuler")


def facts_of(path: str = "") -> Func:
    """Return the digest of each of FACTS; ``path``: to the offer, with its ``__``."""
    mode = Concat(text_of(f"{path}preselection"), text_of(f"{path}delegated"))
    contact = Coalesce(text_of(f"{path}details__contact"), Value(""))
    # With preselection no document says how to reach the employer.
    apply = Case(
        When(Q(**{f"{path}preselection": True}), then=Value("")),
        default=contact,
        output_field=TextField(),
    )
    place = Concat(F(f"{path}place_label"), Value(" "), F(f"{path}commune_code"))
    facts = (mode, F(f"{path}title"), place, apply)
    return Func(
        *(MD5(fact) for fact in facts),
        template="ARRAY[%(expressions)s]::varchar[]",
        output_field=FACTS_FIELD,
    )


def text_of(path: str) -> Cast:
    return Cast(F(path), TextField())


def changes(made_of: Sequence[str] | None, now: Sequence[str]) -> list[str]:
    """Return which of FACTS changed; the mode alone if it did."""
    if made_of is None:
        return []
    changed = [
        name
        for name, then, today in zip(FACTS, made_of, now, strict=True)
        if then != today
    ]
    return changed[:1] if FACTS[0] in changed else changed


def join(words: Sequence[str]) -> str:
    """Return « a, b et c »."""
    *first, last = words
    return f"{', '.join(first)} et {last}" if first else last


def fits_its_offer(act: Act) -> bool:
    """Return whether the offer's mode today has acts of this kind."""
    if act.KIND == ActKind.SCREENED_REFERRAL and act.offer.preselection:
        # Whoever preselects, the application goes on.
        return True
    return act.KIND in OFFERED[settings.ACTS_READING][act.offer.mode]
