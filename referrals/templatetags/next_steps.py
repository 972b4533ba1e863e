"""Show the acts with a person, and what each waits for."""

from collections.abc import Iterable

from django import template

from referrals.acts.models import Act
from referrals.acts.next_step import NextStep, task_of
from referrals.candidate_emails.models import with_emails
from referrals.candidates.models import Candidate

register = template.Library()


@register.simple_tag
def acts_of_person(candidate: Candidate) -> list[Act]:
    """Return her acts; those that wait have their ``task``, as on home."""
    hers = with_emails(Act.objects.filter(candidate=candidate).with_next_step())
    acts = list(hers.whole())
    for act in acts:
        act.candidate = candidate
        act.task = task_of(act)
    return acts


@register.simple_tag
def to_hand_over(acts: Iterable[Act]) -> int:
    """Return how many documents the person is to receive."""
    return sum(act.next_step == NextStep.HAND_OVER for act in acts)
