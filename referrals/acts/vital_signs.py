"""What an offer's page says of the acts on it, in one query."""

import dataclasses
import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import DateTimeField, IntegerField, UUIDField, Value

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from referrals.acts.act_context import frozen_among, posts_after
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import KINDS, Act
from referrals.acts.models.outcomes import later_hires
from referrals.acts.states import LIVE_STATES
from referrals.candidates.models.candidates import Candidate


@dataclasses.dataclass(frozen=True)
class VitalSigns:
    """Activity on an offer: counts and a day (9.2)."""

    live_acts: int
    in_structure: int
    last_in_structure: dt.datetime | None
    kept_for: int
    posts: int | None
    # Of the person searched for: her live acts, and what freezes her data.
    live_kinds: frozenset[ActKind]
    frozen_by: str


def vital_signs(
    offer: Offer, *, by: User, person: Candidate | None = None
) -> VitalSigns:
    """Return acts, persons of the structure, favourites, posts, in one query."""
    made = Act.objects.filter(offer=offer).exclude(state=Act.CANCELLED).order_by()
    acts = made.values_list("kind", "state", "structure", "candidate", "created_at")
    favourites: Any = offer.favourites
    kept = favourites.visible_to(by).filter(adviser__isnull=True)
    no_structure, nobody = Value(None, IntegerField()), Value(None, UUIDField())
    nothing = no_structure, nobody, Value(None, DateTimeField())
    others = [
        rows.order_by().values_list(Value(what), text, *nothing)
        for what, text, rows in (
            ("kept", Value(""), kept),
            ("hired", Value(""), later_hires([offer])),
            ("frozen", "reference", frozen_among([person] if person else [])),
        )
    ]
    counts: Counter[str] = Counter()
    persons, dates, live_kinds, frozen_by = set(), [], set(), ""
    for what, text, structure, whom, made_at in acts.union(
        *others, all=True
    ).order_by():
        counts[what] += 1
        if what == "frozen":
            frozen_by = text
        elif what in KINDS and text in LIVE_STATES:
            counts["live"] += 1
            if person and whom == person.pk:
                live_kinds.add(ActKind(what))
        if structure == by.structure_id:
            persons.add(whom)
            dates.append(made_at)
    return VitalSigns(
        live_acts=counts["live"],
        in_structure=len(persons),
        last_in_structure=max(dates, default=None),
        kept_for=counts["kept"],
        posts=posts_after(offer, counts["hired"]),
        live_kinds=frozenset(live_kinds),
        frozen_by=frozen_by,
    )
