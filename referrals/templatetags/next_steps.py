"""Show the acts with a person, and what each waits for."""

from collections.abc import Iterable
from typing import Any

from django import template

from referrals.acts.models.acts import Act
from referrals.candidates.models.candidates import Candidate
from referrals.todo.open_acts import Gesture, is_due, task_of, with_next_step

register = template.Library()


@register.simple_tag
def acts_of_person(candidate: Candidate) -> list[Act]:
    """Return her acts; those that wait have their ``task``, as on home."""
    acts = list(with_next_step(Act.objects.filter(candidate=candidate)).whole())
    for act in acts:
        act.candidate = candidate
        act.task = task_of(act) if is_due(act) else None
    return acts


@register.simple_tag
def to_hand_over(acts: Iterable[Act]) -> int:
    """Return how many documents the person is to receive."""
    tasks: list[Any] = [getattr(act, "task", None) for act in acts]
    return sum(bool(task) and task.gesture is Gesture.HAND_OVER for task in tasks)
