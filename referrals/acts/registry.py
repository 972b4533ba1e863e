from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from django.apps import apps
from django.db.models import JSONField, QuerySet, Value
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import SimpleLazyObject

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.rows_in_json import columns_of, row_of
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActQuerySet
from referrals.acts.models.outcomes import Outcome, OutcomeCode
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


def every_act(
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]], *values: Any
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return rows of all four tables; ``pick`` filters each."""
    first, *others = (
        pick(acts_of(kind)).order_by().values_list(Value(kind.value), *values)
        for kind in ActKind
    )
    return first.union(*others, all=True).order_by()


# What lists and moves read of an act's offer, and what names who follows its person.
OFFER_SHOWN = ("reference", "title", "state", "preselection", "delegated", "contacts")
ADVISER_SHOWN = ("id", "identifier", "first_name", "last_name", "erased_at")


def whole_acts(
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]],
    kinds: Collection[ActKind] = tuple(ActKind),
    *,
    with_person: bool = False,
    offer: Sequence[str] = OFFER_SHOWN,
) -> list[Any]:
    """Return acts of several tables in one query, the newest first.

    Each comes with what ``pick`` annotates, its outcome, these columns of its offer,
    and perhaps its person and her adviser.
    """
    picked = {kind: pick(acts_of(kind)).order_by() for kind in kinds}
    first, *others = (
        acts.values_list(Value(kind.value), *parts_of(acts, offer, with_person))
        for kind, acts in picked.items()
    )
    rows = first.union(*others, all=True).order_by() if others else first
    made = [whole_act(picked[ActKind(kind)], *parts) for kind, *parts in rows]
    return sorted(made, key=lambda act: act.created_at, reverse=True)


def parts_of(
    acts: ActQuerySet[Any], offer: Sequence[str], with_person: bool
) -> list[Any]:
    nothing = Cast(Value(None), JSONField())
    has_outcome = issubclass(acts.model, Placement)
    adviser = "candidate__adviser__"
    return [
        columns_of(acts.model),
        JSONObject(**{name: name for name in acts.query.annotation_select}),
        columns_of(Offer, "offer__", offer),
        columns_of(Outcome, "outcome__") if has_outcome else nothing,
        columns_of(OutcomeCode, "outcome__code__") if has_outcome else nothing,
        columns_of(Candidate, "candidate__") if with_person else nothing,
        columns_of(User, adviser, ADVISER_SHOWN) if with_person else nothing,
    ]


def whole_act(
    acts: ActQuerySet[Any],
    act: Mapping[str, Any],
    notes: Mapping[str, Any],
    offer: Mapping[str, Any],
    outcome: Mapping[str, Any] | None,
    code: Mapping[str, Any] | None,
    person: Mapping[str, Any] | None,
    adviser: Mapping[str, Any] | None,
) -> Any:
    made: Any = row_of(acts.model, act)
    for name, expression in acts.query.annotation_select.items():
        setattr(made, name, expression.output_field.to_python(notes[name]))
    made.offer = row_of(Offer, offer)
    if outcome and code and made.outcome_id:
        made.outcome = row_of(Outcome, outcome)
        made.outcome.code = row_of(OutcomeCode, code)
    if person and adviser:
        made.candidate = row_of(Candidate, person)
        made.candidate.adviser = row_of(User, adviser)
    return made
