"""Make an act in three steps: person, check, result (U3)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.enums import Service
from accounts.signin.access import MemberRequest, requires
from offers.catalogue.models import Offer
from offers.search.page import way_back_of
from offers.search.results import similar_offers
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from referrals.acts.act_context import (
    facts_of,
    last_hires,
    posts_after,
    posts_left,
    situation_of,
)
from referrals.acts.act_rights import ALREADY, OFFERED, ActKind, Situation, acts_on
from referrals.acts.models import KINDS, Act
from referrals.candidates import access_log
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models import Candidate
from referrals.candidates.views import (
    answer_look_up,
    choose,
    get_candidate,
    is_choosing,
)
from referrals.documents import documents
from referrals.making import steps
from referrals.making.actions import ActRefused, OfferChanged
from referrals.making.forms import ConfirmForm
from referrals.making.steps import FLOWS


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def act_start(request: MemberRequest, reference: str, kind: ActKind) -> HttpResponse:
    """Step 1: a recent candidate, a look-up, or a new person."""
    flow = FLOWS[kind]
    offer = get_object_or_404(Offer, pk=reference)
    answer = acts_on(situation_for(request, offer, posts_left(offer)))[kind]
    if not answer.is_allowed:
        return refuse(request, offer, kind, answer.sentence)
    is_new = request.method == "POST" and not is_choosing(request)
    form = CandidateForm(request.POST if is_new else None, by=request.user)
    if is_new and form.is_valid() and (added := form.save()):
        confirm = reverse(flow.confirm, args=[offer.pk, added.pk])
        return redirect(way_back_of(request).added_to(confirm))
    form.count_colleague()
    choice = choose(request, others=form.homonyms)
    acts = Act.objects.live().filter(kind=kind)
    acts = acts.filter(offer=offer, candidate__in=choice.people)
    live = {act.candidate_id: act for act in acts}
    context = {
        "flow": flow,
        "here": way_back_of(request).added_to(reverse(flow.start, args=[offer.pk])),
        "offer": offer,
        "people": [(person, live.get(person.pk)) for person in choice.people],
        "choice": choice,
        "way": way_back_of(request),
        "form": form,
        "has_errors": bool(choice.look_up.errors),
        "is_new": is_new,
        "section": "offres",
    }
    return answer_look_up(
        render(request, "referrals/making/start.html", context), choice.look_up, form
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def act_confirm(
    request: MemberRequest,
    reference: str,
    candidate_pk: UUID,
    kind: ActKind,
    form_class: type[ConfirmForm],
) -> HttpResponse:
    """Step 2: show the document, then make the act (R10)."""
    candidate = get_candidate(request, candidate_pk)
    offer = get_object_or_404(Offer, pk=reference)
    flow = FLOWS[kind]
    until = request.convention.ends_on
    form = form_class(
        request.POST or None, initial={"key": uuid4()}, offer=offer, until=until
    )
    changed = None
    if form.is_valid() and form.is_confirmed:
        try:
            act = form.save(kind, candidate, by=request.user)
        except ActRefused as refusal:
            access_log.show(
                request.user, Action.PERSON_READ, [candidate], target=candidate
            )
            return refuse(
                request, refusal.offer, kind, str(refusal), candidate, form.typed
            )
        except (Offer.DoesNotExist, Candidate.DoesNotExist) as error:
            raise Http404 from error
        except OfferChanged as error:
            # Keep the typed values; read the requirements of the offer again.
            changed, offer = error, error.offer
            form = form_class(request.POST, offer=offer, until=until)
        except MoveRefused as refusal:
            # Keep the typed values; the user must choose again.
            form.add_error(None, str(refusal))
        else:
            steps.remember(request, act)
            messages.success(request, flow.done)
            return redirect(act.get_absolute_url())
    facts = facts_of([offer], [candidate])
    acts = list(Act.objects.filter(candidate=candidate).whole())
    earlier = [
        act for act in acts if act.offer_id == offer.pk and act.state != Act.CANCELLED
    ]
    situation = situation_for(
        request,
        offer,
        posts_after(offer, facts.hires[offer.pk]),
        live_acts=frozenset(act.KIND for act in earlier if act.is_live),
        frozen_by=facts.frozen_by.get(candidate.pk, ""),
    )
    answers = acts_on(situation)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    if not answers[kind].is_allowed:
        reason = answers[kind].sentence
        return refuse(request, offer, kind, reason, candidate, form.typed)
    preview = ""
    if (draft := form.draft) is not None:
        persons = {"adviser": request.user, "structure": request.structure}
        act = KINDS[kind].draft(offer=offer, candidate=candidate, **persons, **draft)
        preview = documents.body_of(act, top=3)
    context = {
        "flow": flow,
        "offer": offer,
        "posts": situation.posts_left,
        "candidate": candidate,
        "ways": [FLOWS[one] for one, answer in answers.items() if answer.is_allowed],
        "hire": last_hires(acts).get(candidate.pk),
        "form": form,
        "has_errors": bool(form.errors),
        "changed": changed,
        "preview": preview,
        "elsewhere_on": facts.elsewhere_on.get((offer.pk, candidate.ft_id)),
        "earlier": earlier,
        "section": "offres",
    }
    return render(request, flow.template, context, status=409 if changed else 200)


def situation_for(
    request: Any, offer: Offer, posts: int | None, **of_person: Any
) -> Situation:
    """Return the user's situation, from what the middleware loaded."""
    return situation_of(
        offer,
        by=request.user,
        convention=getattr(request, "convention", None),
        posts_left=posts,
        **of_person,
    )


def refuse(
    request: MemberRequest,
    offer: Offer,
    kind: ActKind,
    reason: str,
    candidate: Candidate | None = None,
    typed: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """Show why, what was typed, the act under way or similar offers."""
    mine = Act.objects.filter(kind=kind, offer=offer, candidate=candidate)
    live = mine.live().first() if candidate else None
    others = [] if live else similar_offers(offer)
    flow = FLOWS[kind]
    is_done = live is not None and ALREADY[kind] in reason
    context = {
        "flow": flow,
        "title": flow.already if is_done else flow.impossible,
        "offer": offer,
        "reason": reason,
        "candidate": candidate,
        "typed": typed,
        "live": live,
        "similar_offers": others,
        # Offers that allow the same act; the others are only shown.
        "direct": {
            other.pk
            for other in others
            if kind in OFFERED[settings.ACTS_READING][other.mode]
        },
        "section": "offres",
    }
    return render(request, "referrals/making/refused.html", context, status=409)
