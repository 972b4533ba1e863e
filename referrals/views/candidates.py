from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import partner_only, requires
from accounts.http import MemberRequest
from accounts.models import Service
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import sightings
from referrals.actions.candidates import Found
from referrals.forms.candidates import CandidateForm, LookUpForm
from referrals.forms.corrections import CandidateEditForm
from referrals.forms.favourites import KeepByNumberForm
from referrals.kinds import every_act_of
from referrals.models import Candidate
from referrals.saved_searches.actions import mark_opened
from referrals.saved_searches.matching import count_new_together, find_latest
from referrals.saved_searches.models import MOST_FOR_A_PERSON
from referrals.saved_searches.words import put_in_words
from referrals.shelves import Shelf, with_alike
from referrals.views.people import answer_look_up


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidates(request: MemberRequest) -> HttpResponse:
    """List my candidates; look-ups are posted, to keep names out of URLs."""
    form = LookUpForm(request.POST or None)
    found: Found | None = form.find(by=request.user) if form.is_valid() else None
    mine = Candidate.objects.visible_to(request.user)
    without_solution = mine.without_solution()
    is_filtered = request.GET.get("filtre") == "sans-solution"
    shown = without_solution if is_filtered else mine
    page = paginate(request, shown.with_live_acts().select_related("adviser"))
    if not found:
        sightings.show(
            request.user,
            Action.PERSONS_LISTED,
            list(page.object_list),
            unasked=page.number == 1,
        )
    context = {
        "page": page,
        "form": form,
        "found": found,
        "has_people": is_filtered or bool(page.object_list),
        "is_filtered": is_filtered,
        "all_count": mine.count() if is_filtered else page.paginator.count,
        "without_count": page.paginator.count
        if is_filtered
        else without_solution.count(),
        "section": "candidats",
    }
    return answer_look_up(render(request, "referrals/candidates.html", context), form)


@require_safe
@partner_only
def candidate(request: MemberRequest, pk: UUID) -> HttpResponse:
    candidate = get_candidate(request, pk)
    sightings.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    searches = put_in_words(candidate.saved_searches.all())
    acts = every_act_of(candidate)
    context = {
        "candidate": candidate,
        "acts": acts,
        "to_hand_over": sum(
            act.waits_for_its_document and act.offer.is_active for act in acts
        ),
        "kept_count": candidate.favourites.count(),
        "consent": candidate.mail_consent,
        "searches": searches,
        "news": count_new_together(searches),
        "section": "candidats",
    }
    return render(request, "referrals/candidate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
def candidate_offers(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List her offers: from searches, and favourites; new ones are marked."""
    candidate = get_candidate(request, pk)
    form = KeepByNumberForm(request.POST or None, candidate=candidate, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "L’offre est gardée pour cette personne.")
        return redirect("candidate_offers", candidate.pk)
    sightings.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    kept = with_alike(candidate.favourites.for_page())
    by_age = candidate.saved_searches.order_by("created_at", "pk")
    searches = put_in_words(by_age)
    news = find_latest(searches)
    for search in searches:
        search.alert = search.pace_for(request.user)
    if request.method == "GET":
        mark_opened(searches)
    context = {
        "candidate": candidate,
        "form": form,
        "shelf": Shelf(candidate, kept),
        "searches": searches,
        "news": news,
        "may_add": len(searches) < MOST_FOR_A_PERSON,
        "section": "candidats",
    }
    return render(request, "referrals/candidate_offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_add(request: MemberRequest) -> HttpResponse:
    form = CandidateForm(request.POST or None, by=request.user)
    if form.is_valid() and (added := form.save()):
        messages.success(request, "La personne est ajoutée à vos candidats.")
        return redirect(added)
    form.count_colleague()
    if form.homonyms:
        sightings.show(request.user, Action.PERSONS_LISTED, form.homonyms)
    context = {"form": form, "section": "candidats"}
    return answer_look_up(
        render(request, "referrals/candidate_form.html", context), form
    )


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidate_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Correct the record (art. 10); documents already made do not change."""
    candidate = get_candidate(request, pk)
    form = CandidateEditForm(request.POST or None, instance=candidate, by=request.user)
    with transaction.atomic():
        is_saved = form.is_valid() and form.save()
    if is_saved:
        messages.success(request, "La fiche est enregistrée.")
        return redirect(candidate)
    form.count_colleague()
    known = {candidate, *form.homonyms}
    sightings.show(request.user, Action.PERSON_READ, known, target=candidate)
    context = {"form": form, "candidate": candidate, "section": "candidats"}
    return answer_look_up(
        render(request, "referrals/candidate_form.html", context), form
    )


def get_candidate(request: MemberRequest, pk: UUID) -> Candidate:
    """Return the user's own candidate, else 404 (S20)."""
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    return get_object_or_404(mine, pk=pk)
