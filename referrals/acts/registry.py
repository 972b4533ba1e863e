from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from django.apps import apps
from django.db.models import JSONField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.functional import SimpleLazyObject

from offers.catalogue.models import Offer
from opus.lib.database.rows_in_json import columns_of, row_of
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActQuerySet
from referrals.acts.models.outcomes import Outcome, OutcomeCode
from referrals.acts.models.placements import Placement


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


def every_act(
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]], *values: Any
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return rows of all four tables; ``pick`` filters each."""
    first, *others = (
        pick(acts_of(kind)).order_by().values_list(Value(kind.value), *values)
        for kind in ActKind
    )
    return first.union(*others, all=True).order_by()


# What lists and moves read of an act's offer.
OFFER_SHOWN = ("reference", "title", "state", "preselection", "delegated", "contacts")


def whole_acts(
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]],
    kinds: Collection[ActKind] = tuple(ActKind),
) -> list[Any]:
    """Return acts of several tables in one query, the newest first.

    Each comes with its outcome, and with what a list shows of its offer.
    """
    first, *others = (
        pick(acts_of(kind)).order_by().values_list(Value(kind.value), *parts_of(kind))
        for kind in kinds
    )
    rows = first.union(*others, all=True).order_by() if others else first
    acts = [whole_act(ActKind(kind), *parts) for kind, *parts in rows]
    return sorted(acts, key=lambda act: act.created_at, reverse=True)


def parts_of(kind: ActKind) -> list[Any]:
    nothing = Cast(Value(None), JSONField())
    has_outcome = issubclass(MODELS[kind], Placement)
    return [
        columns_of(MODELS[kind]),
        columns_of(Offer, "offer__", OFFER_SHOWN),
        columns_of(Outcome, "outcome__") if has_outcome else nothing,
        columns_of(OutcomeCode, "outcome__code__") if has_outcome else nothing,
    ]


def whole_act(
    kind: ActKind,
    act: Mapping[str, Any],
    offer: Mapping[str, Any],
    outcome: Mapping[str, Any] | None,
    code: Mapping[str, Any] | None,
) -> Any:
    made: Any = row_of(MODELS[kind], act)
    made.offer = row_of(Offer, offer)
    if outcome and code and made.outcome_id:
        made.outcome = row_of(Outcome, outcome)
        made.outcome.code = row_of(OutcomeCode, code)
    return made
