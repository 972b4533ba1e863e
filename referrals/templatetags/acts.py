"""What may be done on an offer: the panel of its page, the one button of its row.

The lower app's pages ask this upper app through these tags, so that no import turns
back (house style: the map).
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.text import capfirst

from accounts.ceilings import CeilingReached
from offers.models import Offer
from opus.lib.audit import Action
from referrals import sightings
from referrals.models import Candidate, Referral, ReferralState
from referrals.rights import PRESELECTION_ACTS, ActKind, Answer, Situation, acts_on
from referrals.situations import posts_left, situation_of, told_posts, vital_signs

register = template.Library()

# The acts that have their screens. The others come with their own issue; until then
# the panel says what the convention allows and whom to ask.
IN_OPUS = frozenset({ActKind.REFERRAL})


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Acts that one same reason forbids."""

    kinds: str
    answer: Answer


@register.inclusion_tag("referrals/tags/acts_panel.html", takes_context=True)
def acts_panel(context: Context, offer: Offer) -> dict[str, Any]:
    """The panel "Ce que vous pouvez faire" of an offer's page.

    It names the adviser's own candidates only; of the others' acts it gives a count.
    """
    request = context["request"]
    posts = posts_left(offer)
    answers = acts_on(_situation(request, offer, posts))
    mine = (
        Referral.objects.visible_to(request.user)
        .filter(offer=offer)
        .exclude(state=ReferralState.CANCELLED)
        .select_related("candidate")
    )
    hidden = ""
    if mine:
        # Names are shown: they count and are told like any others (S25, S38). The
        # offer itself is nobody's data: it opens in any case.
        persons = [referral.candidate for referral in mine]
        try:
            sightings.show(
                request.user,
                Action.PERSONS_LISTED,
                persons,
                target=offer,
                unasked=True,
            )
        except CeilingReached as error:
            mine, hidden = mine.none(), str(error)
    allowed = [kind for kind, answer in answers.items() if answer.is_allowed]
    return {
        "offer": offer,
        "can_refer": ActKind.REFERRAL in allowed,
        "elsewhere": in_words(kind for kind in allowed if kind not in IN_OPUS),
        "agency": context.get("agency"),
        "refusals": _by_reason(answers),
        "is_refused_all": len(set(answers.values())) == 1 and not allowed,
        "posts": posts,
        "signs": vital_signs(offer, by=request.user),
        "mine": mine,
        "hidden": hidden,
    }


@register.inclusion_tag("referrals/tags/primary_act.html", takes_context=True)
def primary_act(
    context: Context, offer: Offer, *, in_results: bool = False
) -> dict[str, Any]:
    """The one button or link of a result's row. It asks the database nothing.

    Args:
        in_results: the row is one of a search's: it may be kept, and ticked to go with
            others to one person (``parts/propose.html``).
    """
    request = context["request"]
    situation = _situation(request, offer, told_posts(offer))
    answers = acts_on(situation)
    return {
        "offer": offer,
        "in_results": in_results,
        "here": request.get_full_path() if in_results else "",
        "can_refer": answers[ActKind.REFERRAL].is_allowed,
        "has_preselection": any(answers[kind].is_allowed for kind in PRESELECTION_ACTS),
    }


@register.inclusion_tag("referrals/tags/act_for.html", takes_context=True)
def act_for(context: Context, offer: Offer, candidate: Candidate) -> dict[str, Any]:
    """The same, where the person is known. It asks the database nothing."""
    situation = _situation(context["request"], offer, told_posts(offer))
    answers = acts_on(situation)
    return {
        "offer": offer,
        "candidate": candidate,
        "can_refer": answers[ActKind.REFERRAL].is_allowed,
        "has_preselection": any(answers[kind].is_allowed for kind in PRESELECTION_ACTS),
    }


def _situation(request: Any, offer: Offer, posts: int | None) -> Situation:
    """The situation of whoever looks, from what the middleware knows already."""
    return situation_of(
        offer,
        by=request.user,
        convention=getattr(request, "convention", None),
        posts_left=posts,
    )


def _by_reason(answers: dict[ActKind, Answer]) -> list[Refusal]:
    """The refused acts, those of one same reason together."""
    kinds_of: dict[Answer, list[ActKind]] = {}
    for kind, answer in answers.items():
        if answer.reason:
            kinds_of.setdefault(answer, []).append(kind)
    return [
        Refusal(kinds=in_words(kinds), answer=answer)
        for answer, kinds in kinds_of.items()
    ]


def in_words(kinds: Iterable[ActKind]) -> str:
    """Acts in one line: "Demander un CV, convoquer un candidat"."""
    labels = (str(kind.label) for kind in kinds)
    return capfirst(", ".join(label[:1].lower() + label[1:] for label in labels))
