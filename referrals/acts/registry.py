from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.apps import apps
from django.db.models import QuerySet, Value
from django.utils.functional import SimpleLazyObject

from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActQuerySet
from referrals.acts.models.placements import Placement
from referrals.candidates.models.candidates import Candidate


def tables_of_acts() -> dict[ActKind, type[Act]]:
    """Return the model of each kind, from Django's registry."""
    models = apps.get_app_config("referrals").get_models()
    found = {model.KIND: model for model in models if issubclass(model, Act)}
    return {kind: found[kind] for kind in ActKind}


# Lazy, because the kinds import this module.
MODELS = cast(Mapping[ActKind, type[Act]], SimpleLazyObject(tables_of_acts))
# The kinds that end with an outcome.
PLACEMENTS = cast(
    Sequence[Any],
    SimpleLazyObject(
        lambda: [model for model in MODELS.values() if issubclass(model, Placement)]
    ),
)


def acts_of(kind: ActKind) -> ActQuerySet[Any]:
    manager: Any = MODELS[kind]._default_manager
    acts: ActQuerySet[Any] = manager.all()
    return acts


def every_act_of(candidate: Candidate) -> list[Act]:
    """Return a person's acts and offers, the newest first."""
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
    """Return rows of all four tables; ``pick`` filters each."""
    first, *others = (
        pick(acts_of(kind)).order_by().values_list(Value(kind.value), *values)
        for kind in ActKind
    )
    return first.union(*others, all=True).order_by()
