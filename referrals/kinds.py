from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet, Value

from referrals.models import (
    Act,
    Candidate,
    CvRequest,
    Referral,
    ScreenedReferral,
    Summons,
)
from referrals.models.acts import ActQuerySet
from referrals.rights import ActKind

MODELS: Mapping[ActKind, type[Act]] = {
    ActKind.REFERRAL: Referral,
    ActKind.SCREENED_REFERRAL: ScreenedReferral,
    ActKind.CV_REQUEST: CvRequest,
    ActKind.SUMMONS: Summons,
}


def kind_of(act: Act) -> ActKind:
    return next(kind for kind, model in MODELS.items() if type(act) is model)


def acts_of(kind: ActKind) -> ActQuerySet[Any]:
    manager: Any = MODELS[kind]._default_manager
    acts: ActQuerySet[Any] = manager.all()
    return acts


def every_act_of(candidate: Candidate) -> list[Act]:
    """Return all acts of a person, the newest first, with their offers."""
    acts = [
        act
        for kind, model in MODELS.items()
        for act in acts_of(kind)
        .filter(candidate=candidate)
        .select_related("offer", *model.SHOWN_WITH)
    ]
    return sorted(acts, key=lambda act: act.created_at, reverse=True)


def every_act(
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]], *values: str
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return rows of all four tables in one query; ``pick`` filters each."""
    first, *others = (
        pick(acts_of(kind)).order_by().values_list(Value(kind.value), *values)
        for kind in ActKind
    )
    return first.union(*others, all=True).order_by()
