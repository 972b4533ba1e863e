from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Service
from accounts.signin.access import partner_only, requires
from accounts.signin.http import MemberRequest
from opus.lib.audit.journal import Action
from opus.lib.web import paginate
from referrals.candidates import access_log
from referrals.candidates.actions import Found
from referrals.candidates.csv_import import CANDIDATES, CandidateListForm
from referrals.candidates.forms import CandidateForm, LookUpForm
from referrals.candidates.lists import CandidateFilters
from referrals.candidates.models.candidates import Candidate, CandidateQuerySet
from referrals.candidates.person_choice import (
    MOST_TICKED,
    answer_look_up,
    is_typing,
    ticked_in,
    typed_in,
)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidates(request: MemberRequest) -> HttpResponse:
    """List my candidates; look-ups are posted: no name in URLs."""
    typed = typed_in(request)
    form = LookUpForm(None if is_typing(request) else request.POST or None)
    found: Found | None = form.find(by=request.user) if form.is_valid() else None
    mine = Candidate.objects.visible_to(request.user)
    ticked = ticked_in(request, mine)
    filters = CandidateFilters(mine, request.GET, ticked=ticked)
    shown = mine.matching(typed) if typed else filters.chosen.people
    listed = shown.with_live_acts().with_job_sought().select_related("adviser")
    page = paginate(request, filters.sort(listed))
    if not found:
        access_log.show(
            request.user,
            Action.PERSONS_LISTED,
            list(page.object_list),
            unasked=page.number == 1,
        )
    context = {
        "page": page,
        "form": form,
        "found": found,
        "typed": typed,
        "filters": filters,
        "ticked": ticked,
        "elsewhere": [one for one in ticked if one not in page.object_list],
        "most": MOST_TICKED,
        "has_people": filters.counts["tous"] > 0,
        "section": "candidats",
    }
    return answer_look_up(
        render(request, "referrals/candidates/candidates.html", context), form
    )


@require_safe
@partner_only
def candidate(request: MemberRequest, pk: UUID) -> HttpResponse:
    rows = mine_with_adviser(request).with_kept_and_consent()
    candidate = get_object_or_404(rows, pk=pk)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    limits = list(candidate.limits_in_force)
    context = {
        "candidate": candidate,
        "limits": limits,
        "freeze": next((one for one in limits if one.stops_all), None),
        "section": "candidats",
    }
    return render(request, "referrals/candidates/candidate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_add(request: MemberRequest) -> HttpResponse:
    form = CandidateForm(request.POST or None, by=request.user)
    if form.is_valid() and (added := form.save()):
        messages.success(request, "Le candidat est ajouté.")
        return redirect(added)
    form.count_colleague()
    if form.homonyms:
        access_log.show(request.user, Action.PERSONS_LISTED, form.homonyms)
    context = {"form": form, "section": "candidats"}
    return answer_look_up(
        render(request, "referrals/candidates/form.html", context), form
    )


def get_candidate(request: MemberRequest, pk: UUID | None) -> Candidate:
    """Return the user's own candidate, else 404 (S20)."""
    return get_object_or_404(mine_with_adviser(request), pk=pk)


def mine_with_adviser(request: MemberRequest) -> CandidateQuerySet:
    return Candidate.objects.visible_to(request.user).select_related("adviser")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_import(request: MemberRequest) -> HttpResponse:
    """Add the persons of the file, once."""
    form = CandidateListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        rows = form.save(by=request.user)
        added = sum(1 for row in rows if row.candidate)
        context = {
            "rows": rows,
            "added": added,
            "refused": len(rows) - added,
            "section": "candidats",
        }
        return render(request, "referrals/candidates/imported.html", context)
    context = {"form": form, "titles": CANDIDATES.titles, "section": "candidats"}
    return render(request, "referrals/candidates/import.html", context)


@require_safe
@requires(Service.REFERRALS)
def candidate_import_model(request: MemberRequest) -> HttpResponse:
    return HttpResponse(
        CANDIDATES.model(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="candidats-opus.csv"'},
    )
