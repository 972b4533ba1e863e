"""What a document prints, as digests: those it was made with against today's (art. 7).

One expression says both, so that a list filters by it and a page reads it. A paper is
*void* once a fact that leads astray is another, only *renewable* where the old version
may still serve (docs/states.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import MD5, Cast, Coalesce
from django.db.models.lookups import Exact

from accounts.structures.models import Agency, Structure
from accounts.users.models import User
from offers.catalogue.models import Offer
from referrals.acts.act_rights import ActKind
from referrals.acts.states import ScreenedState
from referrals.candidates.models import Candidate, follower_of

if TYPE_CHECKING:
    from referrals.acts.models import Act

FACTS_FIELD: Any = ArrayField(CharField(max_length=32))
# In the order of ``facts_of``: what makes a paper wrong, then what makes it old.
VOIDING = (
    "la présélection",
    "la façon de postuler",
    "l’intitulé",
    "le lieu",
    "le contrat",
    "les horaires",
)
RENEWING = (
    "le salaire",
    "l’agence ou son téléphone",
    "le conseiller ou ses coordonnées",
    "le nom ou l’adresse du candidat",
)


def facts_of(offer: Any, candidate: Any) -> Func:
    """Return the digest of each fact; both are expressions of keys."""
    offers = Offer.objects.filter(pk=offer).order_by()
    people = Candidate.objects.filter(pk=candidate).order_by()
    people = people.annotate(followed=follower_of("adviser"))
    return Func(
        Subquery(offers.values(facts=digests(facts_of_offer()))),
        Subquery(people.values(facts=digests(facts_of_person()))),
        template="(%(expressions)s)::varchar[]",
        arg_joiner=" || ",
        output_field=FACTS_FIELD,
    )


def digests(facts: Iterable[Any]) -> Func:
    return Func(
        *(MD5(fact) for fact in facts),
        template="ARRAY[%(expressions)s]::varchar[]",
        output_field=FACTS_FIELD,
    )


def facts_of_offer() -> list[Any]:
    agency = Agency.objects.filter(safir=OuterRef("agency_safir")).order_by()
    # With preselection no document says how to reach the employer; without it, none
    # names the agency.
    way = Case(
        When(preselection=True, then=Value("")),
        default=words("details__contact"),
        output_field=TextField(),
    )
    followed_by_agency = Case(
        When(
            preselection=True,
            then=words(
                Subquery(agency.values(said=words("name", "phone"))),
                text_of("details__agence__telephone"),
            ),
        ),
        default=Value(""),
        output_field=TextField(),
    )
    return [
        words("preselection", "delegated"),
        way,
        words("title"),
        words("place_label", "commune_code"),
        words("contract_label", "nature_label"),
        words("hours_label"),
        words("salary_label"),
        followed_by_agency,
    ]


def facts_of_person() -> list[Any]:
    follower = User.objects.filter(pk=OuterRef("followed")).order_by()
    structure = Structure.objects.filter(pk=OuterRef("structure")).order_by()
    return [
        words(
            Subquery(follower.values(said=words(*FOLLOWER))),
            Subquery(structure.values(said=words(*SENDER))),
        ),
        words("first_name", "last_name", "address", "postcode", "city"),
    ]


FOLLOWER = ("first_name", "last_name", "phone", "email")
SENDER = ("sender_name", "phone", "address", "postcode", "city")


def words(*parts: Any) -> Func:
    """Return the parts as one text; what is unknown is empty."""
    texts = (text_of(part) if isinstance(part, str) else part for part in parts)
    return Func(
        Value("\x1f"),
        *(
            Coalesce(Cast(text, TextField()), Value(""), output_field=TextField())
            for text in texts
        ),
        function="concat_ws",
        output_field=TextField(),
    )


def text_of(path: str) -> Cast:
    return Cast(F(path), TextField())


# An application that was chosen goes on whoever preselects: its paper stays, which
# never said how to reach the employer.
CHOSEN = (ScreenedState.SHORTLISTED, ScreenedState.PRESENTED, ScreenedState.INTERVIEW)


def voiding_part(facts: Any, unless: Q | None = None) -> Any:
    """Return the digests of what makes a paper wrong; ``unless``: of a chosen one."""
    whole, of_chosen = (
        Func(
            facts,
            template=f"(%(expressions)s)[{first}:{len(VOIDING)}]",
            output_field=FACTS_FIELD,
        )
        for first in (1, 3)
    )
    return Case(When(unless, then=of_chosen), default=whole) if unless else whole


def misleads(made_of: str, act: str = "") -> Q:
    """Return whether a fact that voids the paper is another today (docs/states.md).

    The paths of what it was made of, and of its act; ``facts_today`` is annotated.
    """
    kind, state = f"{act}kind", f"{act}state__in"
    is_chosen = Q(**{kind: ActKind.SCREENED_REFERRAL, state: CHOSEN})
    said = voiding_part(F(made_of), unless=is_chosen)
    says = voiding_part(F("facts_today"), unless=is_chosen)
    return Q(**{f"{made_of}__isnull": False}) & ~Q(Exact(said, says))


def changes(made_of: Sequence[str] | None, now: Sequence[str], act: Act) -> list[str]:
    """Return what makes the act's paper wrong; the mode alone if it changed."""
    changed = differing(VOIDING, made_of, now)
    if act.KIND == ActKind.SCREENED_REFERRAL and act.state in CHOSEN:
        return [one for one in changed if one not in VOIDING[:2]]
    return changed[:1] if VOIDING[0] in changed else changed


def renewals(made_of: Sequence[str] | None, now: Sequence[str]) -> list[str]:
    """Return what a new version would say otherwise, the old one being usable."""
    after = len(VOIDING)
    return differing(RENEWING, made_of and made_of[after:], now[after:])


def differing(
    names: Sequence[str], then: Sequence[str] | None, now: Sequence[str]
) -> list[str]:
    if then is None:
        return []
    return [
        name
        for name, was, is_now in zip(names, then, now, strict=False)
        if was != is_now
    ]


def join(words: Sequence[str]) -> str:
    """Return « a, b et c »."""
    *first, last = words
    return f"{', '.join(first)} et {last}" if first else last
