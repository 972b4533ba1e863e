"""Import persons from a list, with one answer per line (domain row 29)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from referrals.forms.candidate_list import CANDIDATES, CandidateListForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_import(request: MemberRequest) -> HttpResponse:
    """Add the persons of the file; the same file again adds nobody."""
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
        return render(request, "referrals/candidate_imported.html", context)
    context = {"form": form, "titles": CANDIDATES.titles, "section": "candidats"}
    return render(request, "referrals/candidate_import.html", context)


@require_safe
@requires(Service.REFERRALS)
def candidate_import_model(request: MemberRequest) -> HttpResponse:
    return HttpResponse(
        CANDIDATES.model(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="candidats-opus.csv"'},
    )
