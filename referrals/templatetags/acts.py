"""Show the acts on offers and with persons, the boxes that tick offers (U8)."""

import dataclasses
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from accounts.enums import Service
from accounts.security.personal_data_quotas import CeilingReached
from accounts.users.models import User
from offers.catalogue.formatting import count_of
from offers.catalogue.models import Offer
from offers.search.page import SearchScreen, carried, way_back_of, with_ticks
from opus.lib.audit.journal import Action
from referrals.acts.act_context import (
    Facts,
    Proposal,
    RowSigns,
    known_posts,
    posts_after,
    row_signs,
    vital_signs,
)
from referrals.acts.act_rights import AT_ONCE, ActKind, Permission, Verdict, acts_on
from referrals.acts.models import Act
from referrals.acts.next_step import NextStep, task_of
from referrals.bulk.actions import MOST_AT_ONCE
from referrals.candidate_emails.models import with_emails
from referrals.candidates import access_log
from referrals.candidates.models import Candidate
from referrals.making.steps import FLOWS, Flow
from referrals.making.views import situation_for
from referrals.templatetags.person_search import person_sought

register = template.Library()


@register.inclusion_tag("referrals/follow_up/decision_emails.html", takes_context=True)
def decision_emails(context: Context) -> dict[str, Any]:
    request = context["request"]
    return {
        "is_open": request.user.is_partner and Service.REFERRALS in request.services,
        "wanted": request.user.decision_emails,
        # For the form's token.
        "csrf_token": context.get("csrf_token"),
    }


# The button names its offer for screen readers.
ACT = (
    '<a class="fr-btn fr-btn--secondary fr-btn--sm" href="{}">{}'
    '<span class="fr-sr-only"> : {}</span></a>'
)
READ_WHY = (
    '<a class="fr-link fr-link--sm" href="{}#actes">Consultation seule : pourquoi ?'
    '<span class="fr-sr-only"> {}</span></a>'
)
SEE = (
    '<a class="fr-link fr-link--sm" href="{}">Voir<span class="fr-sr-only"> : {}'
    "</span></a>"
)
SEE_ACT = (
    '<a class="fr-link fr-link--sm" href="{}">Voir la proposition'
    '<span class="fr-sr-only"> : {}</span></a>'
)
KEEP = (
    '<a class="fr-link fr-link--sm" href="{}?next={}">'
    '<span aria-hidden="true">☆ </span>Garder'
    '<span class="fr-sr-only"> pour un candidat : {}</span></a>'
)

# The candidates proposed in one click on an offer's page.
RECENT = 3


@register.inclusion_tag("referrals/acts/acts_panel.html", takes_context=True)
def acts_panel(context: Context, offer: Offer, explained: str = "") -> dict[str, Any]:
    """Return the acts panel of an offer's page; ``explained``: its mode."""
    request = context["request"]
    person = person_sought(request)
    signs = vital_signs(offer, by=request.user, person=person)
    person_facts = {"live_acts": signs.live_kinds, "frozen_by": signs.frozen_by}
    answers = acts_on(situation_for(request, offer, signs.posts, **person_facts))
    back = way_back_of(request).query
    allowed = allowed_in(answers)
    mine = my_acts(request.user, offer)
    recent = [] if person or not allowed else recent_people(request.user, mine)
    hidden = ""
    if persons := [*(act.candidate for act in mine), *recent]:
        # The names shown are counted and logged like any others (S25, S38). The
        # offer has no personal data: it opens in any case.
        try:
            access_log.show(
                request.user, Action.PERSONS_LISTED, persons, target=offer, unasked=True
            )
        except CeilingReached as error:
            mine, recent, hidden = [], [], str(error)
    return {
        "offer": offer,
        "explained": explained,
        "person": person,
        "acts": [
            (
                flow,
                reverse(flow.confirm, args=[offer.pk, person.pk])
                if person
                else reverse(flow.start, args=[offer.pk]),
            )
            for flow in allowed
        ],
        "back": f"?{back}" if back else "",
        "recent": [
            (one, reverse(allowed[0].confirm, args=[offer.pk, one.pk]))
            for one in recent
        ],
        "refusals": _by_reason(answers, Verdict.REFUSED),
        "elsewhere": _by_reason(answers, Verdict.NOT_ON_THIS_OFFER),
        "is_refused_all": len(set(answers.values())) == 1 and not allowed,
        "posts": signs.posts,
        "signs": signs,
        "mine": mine,
        "hidden": hidden,
    }


def my_acts(user: User, offer: Offer) -> list[Act]:
    acts = Act.objects.visible_to(user).filter(offer=offer)
    return list(acts.exclude(state=Act.CANCELLED).select_related("candidate"))


def recent_people(user: User, mine: Iterable[Act]) -> list[Candidate]:
    """Return the candidates used last, to whom it was not proposed yet."""
    others = Candidate.objects.visible_to(user).latest_used_first()
    return list(others.exclude(pk__in=[act.candidate_id for act in mine])[:RECENT])


@register.simple_tag(takes_context=True)
def primary_act(context: Context, offer: Offer) -> SafeString:
    """Return an offer's main act button, without a query (U2)."""
    posts = known_posts(offer)
    answers = answers_without_person(context["request"], offer, posts)
    return act_link(offer, answers, posts)


@register.simple_tag(takes_context=True)
def list_rows(
    context: Context, hits: Iterable[Any]
) -> list[tuple[Any, RowSigns, list[tuple[str, str]]]]:
    """Return (hit, signs, badges) of a page of results, in one query."""
    hits = list(hits)
    person = context.get("candidate")
    signs = row_signs(
        [hit.offer for hit in hits],
        by=context["request"].user,
        person_acts=context.get("person_acts") or (),
    )
    return [
        (hit, sign, badges_of_row(hit.offer, sign, person))
        for hit, sign in ((hit, signs[hit.offer.pk]) for hit in hits)
    ]


def badges_of_row(
    offer: Offer, signs: RowSigns, person: Candidate | None
) -> list[tuple[str, str]]:
    """Return (class, label): already proposed, full, seen."""
    badges = []
    if person and signs.proposals:
        badges.append((" fr-badge--info", signs.proposals[0].words(person.first_name)))
    if posts_after(offer, signs.hires) == 0:
        badges.append((" fr-badge--warning", "Complet"))
    if persons := len(signs.persons - {person.pk if person else None}):
        people = count_of(persons, "candidat")
        badges.append((" fr-badge--info", f"Déjà proposée ({people})"))
    if signs.is_seen:
        badges.append(("", "Vue"))
    return badges


@register.simple_tag(takes_context=True)
def result_acts(context: Context, offer: Offer, signs: RowSigns) -> SafeString:
    """Return the one act of a search result, and what keeps it.

    Not a template: a page has twenty (``templatetags.rows``).
    """
    request = context["request"]
    posts = posts_after(offer, signs.hires)
    person, back = context.get("candidate"), str(context.get("back") or "")
    if person:
        answers = answers_for(context, offer, posts, signs.live)
        link = link_for(person, offer, answers, signs.proposals, back)
    else:
        answers = answers_without_person(request, offer, posts)
        link = act_link(offer, answers, posts, back)
    then = f"{quoted_address(request)}%23offre-{offer.reference}"
    title = escape(offer.title)
    whom = f"&amp;personne={person.pk}" if person else ""
    page = reverse("favourite_keep", args=[offer.reference])
    keep = KEEP.format(page, f"{then}{whom}", title)
    row = f'{link}<p class="opus-pick">{keep}</p>'
    return mark_safe(row)  # noqa: S308 - every part is escaped


def quoted_address(request: Any) -> str:
    """Return the page's address, quoted; computed once a page."""
    if "quoted_address" not in request.__dict__:
        request.quoted_address = quote(request.get_full_path(), safe="")
    return str(request.quoted_address)


def answers_without_person(
    request: Any, offer: Offer, posts: int | None
) -> dict[ActKind, Permission]:
    """Return the matrix's answers, cached for similar offers."""
    alike = offer.mode, offer.state, posts is None or posts > 0
    answers: dict[Any, dict[ActKind, Permission]] = request.__dict__.setdefault(
        "answers_by_offer", {}
    )
    if alike not in answers:
        answers[alike] = acts_on(situation_for(request, offer, posts))
    return answers[alike]


def allowed_in(answers: dict[ActKind, Permission]) -> list[Flow]:
    return [FLOWS[kind] for kind, answer in answers.items() if answer.is_allowed]


def answers_for(
    context: Context, offer: Offer, posts: int | None, live: Iterable[ActKind]
) -> dict[ActKind, Permission]:
    """Return the matrix's answers for the person searched for, without a query."""
    person_facts = {"live_acts": frozenset(live), "frozen_by": context["frozen_by"]}
    return acts_on(situation_for(context["request"], offer, posts, **person_facts))


def link_for(
    person: Candidate,
    offer: Offer,
    answers: dict[ActKind, Permission],
    proposals: Iterable[Proposal],
    back: str,
) -> SafeString:
    """Return the live act of a person, else her first act allowed."""
    for proposal in proposals:
        if proposal.is_live:
            return format_html(SEE_ACT, proposal.act.get_absolute_url(), offer.title)
    for flow in allowed_in(answers):
        address = reverse(flow.confirm, args=[offer.reference, person.pk])
        label = f"Proposer à {person.first_name}"
        return format_html(ACT, f"{address}{back}", label, offer.title)
    return format_html(SEE, f"{offer.get_absolute_url()}{back}", offer.title)


def act_link(
    offer: Offer, answers: dict[ActKind, Permission], posts: int | None, back: str = ""
) -> SafeString:
    """Return the first act allowed, else the way to the reason."""
    for flow in allowed_in(answers):
        start = f"{reverse(flow.start, args=[offer.reference])}{escape(back)}"
        button = flow.in_list or flow.button
        link = ACT.format(start, button, escape(offer.title))
        return mark_safe(link)  # noqa: S308 - the title is escaped
    why = SEE if posts == 0 else READ_WHY
    return format_html(why, offer.get_absolute_url(), offer.title)


@register.inclusion_tag("referrals/acts/act_for.html", takes_context=True)
def act_for(context: Context, offer: Offer, candidate: Candidate) -> dict[str, Any]:
    """Return a known person's acts on an offer, or their state, without a query.

    ``facts`` of the page are read by its view.
    """
    facts: Facts = context["facts"]
    live = facts.live.get((offer.pk, candidate.pk), {})
    posts = posts_after(offer, facts.hires[offer.pk])
    request, live_acts = context["request"], frozenset(live)
    answers = acts_on(situation_for(request, offer, posts, live_acts=live_acts))
    return {
        "offer": offer,
        "candidate": candidate,
        "proposed_on": max(live.values(), default=None),
        "is_full": posts == 0,
        "acts": [
            (flow, reverse(flow.confirm, args=[offer.pk, candidate.pk]))
            for flow in allowed_in(answers)
        ],
    }


def _by_reason(
    answers: dict[ActKind, Permission], verdict: Verdict
) -> list[dict[str, Any]]:
    kinds_of: dict[Permission, list[ActKind]] = {}
    for kind, answer in answers.items():
        if answer.verdict is verdict:
            kinds_of.setdefault(answer, []).append(kind)
    return [
        {"kinds": in_words(kinds), "answer": answer}
        for answer, kinds in kinds_of.items()
    ]


def in_words(kinds: Iterable[ActKind]) -> str:
    """Return the acts: "Demander un CV, convoquer un candidat"."""
    labels = (str(kind.label) for kind in kinds)
    return capfirst(", ".join(label[:1].lower() + label[1:] for label in labels))


@register.inclusion_tag("referrals/documents/print_ticked.html", takes_context=True)
def print_ticked(
    context: Context, label: str, acts: Iterable[Any] = ()
) -> dict[str, Any]:
    """Return the form that prints these acts as one PDF."""
    return {
        "label": label,
        "acts": [act.pk for act in acts],
        "key": uuid4(),
        "back": context["request"].get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


# --- The acts with a person, and what each waits for ---------------------------------


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


# --- The boxes that tick offers of a list, and the bar of these (U8) ------------------

TICK = (
    '<label class="opus-row__tick"><input type="checkbox" id="plusieurs-{0}" '
    'name="offre" value="{0}" form="plusieurs"{2}>'
    '<span class="fr-sr-only">Cocher : {1}</span></label>'
)
NO_TICK = '<span class="opus-row__tick"></span>'


@register.simple_tag(takes_context=True)
def row_tick(context: Context, offer: Offer, signs: RowSigns) -> SafeString:
    """Return the box of a result, empty if no act is possible."""
    request: Any = context["request"]
    posts = posts_after(offer, signs.hires)
    answers = (
        answers_for(context, offer, posts, signs.live)
        if context.get("candidate")
        else answers_without_person(request, offer, posts)
    )
    if not any(answers[kind].is_allowed for kind in AT_ONCE):
        return mark_safe(NO_TICK)  # noqa: S308 - our constant
    state = " checked" if offer.reference in context["ticked"] else ""
    number, title = escape(offer.reference), escape(offer.title)
    tick = TICK.format(number, title, state)
    return mark_safe(tick)  # noqa: S308 - every part is escaped


@register.simple_tag(takes_context=True)
def ticked_offers(context: Context) -> list[str]:
    return carried(context["request"].GET)


@register.simple_tag(takes_context=True)
def way_here(context: Context, screen: SearchScreen) -> str:
    """Return the query string of links that lead back here, ticks included."""
    way = screen.way_back
    here = dataclasses.replace(way, path=with_ticks(way.path, context["ticked"]))
    return f"?{here.query}"


@register.inclusion_tag("referrals/bulk/bar.html", takes_context=True)
def ticked_bar(context: Context, screen: SearchScreen) -> dict[str, Any]:
    """Return what the bar says: ticks of other pages, whether too many."""
    ticked = context["ticked"]
    here = {hit.offer.pk for hit in screen.page.object_list}
    return {
        "elsewhere": [number for number in ticked if number not in here],
        "excess": max(0, len(ticked) - MOST_AT_ONCE),
        "most": MOST_AT_ONCE,
        "criteria": screen.criteria,
        "candidate": context.get("candidate"),
        "may_propose": "delegation" in context["request"].services
        and not context.get("frozen_by"),
    }
