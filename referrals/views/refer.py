"""The act in three short steps: who, check, done (U3). The third is the act's page."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from offers.lookalikes import lookalikes
from offers.models import Mode, Offer
from opus.lib.audit import Action
from referrals import documents, sightings
from referrals.actions.refer import ActRefused
from referrals.forms.candidates import CandidateForm, LookUpForm
from referrals.forms.follow_up import ConfirmForm
from referrals.models import Candidate, Referral, ReferralState
from referrals.rights import ActKind, Answer, acts_on
from referrals.situations import posts_left, proposed_elsewhere, situation_of
from referrals.views.candidates import get_candidate

RECENT = 8


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def referral_start(request: MemberRequest, reference: str) -> HttpResponse:
    """Step 1, who: a recent candidate, an exact look-up, or a new person."""
    offer = get_object_or_404(Offer, pk=reference)
    answer = answer_for(request, offer)
    if not answer.is_allowed:
        return refuse(request, offer, answer.sentence)
    is_look_up = "look_up" in request.POST
    is_new = request.method == "POST" and not is_look_up
    look_up = LookUpForm(request.POST if is_look_up else None)
    form = CandidateForm(request.POST if is_new else None, by=request.user)
    if is_new and form.is_valid() and (added := form.save()):
        return redirect("referral_confirm", offer.pk, added.pk)
    found = look_up.find(by=request.user) if look_up.is_valid() else None
    mine = Candidate.objects.visible_to(request.user).latest_used_first()
    people = found.candidates if found else list(mine[: RECENT + 1])
    has_more = not found and len(people) > RECENT
    people = people if found else people[:RECENT]
    if not found:
        sightings.show(
            request.user,
            Action.PERSONS_LISTED,
            [*people, *form.homonyms],
            unasked=not form.homonyms,
        )
    context = {
        "offer": offer,
        "people": with_their_acts(people, offer),
        "has_more": has_more,
        "found": found,
        "look_up": look_up,
        "form": form,
        "has_errors": bool(look_up.errors),
        "is_new": is_new,
        "section": "offres",
    }
    return render(request, "referrals/referral_start.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def referral_confirm(
    request: MemberRequest, reference: str, candidate_pk: UUID
) -> HttpResponse:
    """Step 2, check: the sheet as it will print; then the act, once (R10)."""
    candidate = get_candidate(request, candidate_pk)
    offer = get_object_or_404(Offer, pk=reference)
    form = ConfirmForm(request.POST or None, initial={"key": uuid4()})
    if form.is_valid():
        try:
            referral = form.save(offer.pk, candidate, by=request.user)
        except ActRefused as refusal:
            sightings.show(
                request.user, Action.PERSON_READ, [candidate], target=candidate
            )
            return refuse(request, refusal.offer, str(refusal), candidate)
        except (Offer.DoesNotExist, Candidate.DoesNotExist) as error:
            raise Http404 from error
        messages.success(request, "C’est fait : la mise en contact est enregistrée.")
        return redirect(referral)
    answer = answer_for(request, offer, candidate)
    sightings.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    if not answer.is_allowed:
        return refuse(request, offer, answer.sentence, candidate)
    context = {
        "offer": offer,
        "candidate": candidate,
        "form": form,
        "preview": documents.body_of(unsaved(request, offer, candidate), top=3),
        "elsewhere_on": proposed_elsewhere([offer], candidate).get(offer.pk),
        "earlier": candidate.referrals.filter(offer=offer)
        .exclude(state=ReferralState.CANCELLED)
        .select_related("outcome__code"),
        "section": "offres",
    }
    return render(request, "referrals/referral_confirm.html", context)


def answer_for(
    request: MemberRequest, offer: Offer, candidate: Candidate | None = None
) -> Answer:
    """What the matrix says of a mise en contact now; the action asks it again."""
    situation = situation_of(
        offer,
        by=request.user,
        convention=request.convention,
        posts_left=posts_left(offer),
        candidate=candidate,
    )
    return acts_on(situation)[ActKind.REFERRAL]


def refuse(
    request: MemberRequest,
    offer: Offer,
    reason: str,
    candidate: Candidate | None = None,
) -> HttpResponse:
    """Why not, and what to do: the act under way, else three live look-alikes (R2)."""
    live = candidate and candidate.referrals.live().filter(offer=offer).first()
    others = [] if live else lookalikes(offer)
    context = {
        "offer": offer,
        "reason": reason,
        "candidate": candidate,
        "live": live,
        "lookalikes": others,
        "direct": {other.pk for other in others if other.mode == Mode.DIRECT},
        "section": "offres",
    }
    return render(request, "referrals/referral_refused.html", context, status=409)


def unsaved(request: MemberRequest, offer: Offer, candidate: Candidate) -> Referral:
    """The act as it would be, to show its document before it is made."""
    return Referral(
        offer=offer,
        candidate=candidate,
        adviser=request.user,
        structure=request.structure,
    )


def with_their_acts(
    people: list[Candidate], offer: Offer
) -> list[tuple[Candidate, Referral | None]]:
    """Each person with the act under way on this offer, in one query."""
    live = Referral.objects.live().filter(offer=offer, candidate__in=people)
    by_person = {referral.candidate_id: referral for referral in live}
    return [(person, by_person.get(person.pk)) for person in people]
