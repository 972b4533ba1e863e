"""``/suivi/reunions/``: the review meetings of a structure, as it reads them (art. 11).

Its RGC reads the minutes, confirms them or remarks on them; its advisers read the
decisions.
"""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import partner_only, rgc_only
from accounts.http import MemberRequest
from accounts.meeting_forms import AgreeForm, RemarkForm
from accounts.meetings import structure_is_due
from accounts.models import MeetingState, ReviewMeeting, Role
from opus.lib.pagination import paginate
from opus.lib.states import MoveRefused


@require_safe
@partner_only
def meetings(request: MemberRequest) -> HttpResponse:
    """All of the structure's, the latest first."""
    is_open = Q(decisions__closed_on=None)
    is_late = Q(decisions__due_on__lt=timezone.localdate())
    mine = (
        ReviewMeeting.objects.of_structure_of(request.user)
        .in_order()
        .annotate(
            decided=Count("decisions"),
            to_do=Count("decisions", filter=is_open),
            late=Count("decisions", filter=is_open & is_late),
        )
    )
    context = {
        "page": paginate(request, mine),
        "is_due": structure_is_due(request.structure),
        "months": settings.MEETING_EVERY_MONTHS,
        "section": "suivi",
    }
    return render(request, "accounts/meetings.html", context)


@require_safe
@partner_only
def meeting(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One: its decisions for everybody, its minutes for the RGC."""
    found = meeting_of(request, pk)
    is_rgc = request.user.role == Role.RGC
    minutes = list(found.minutes.all()) if is_rgc else []
    context = {
        "meeting": found,
        "decisions": found.decisions.all(),
        "suggestions": found.suggestions.filter(structure=request.user.structure_id),
        "is_rgc": is_rgc,
        "latest": minutes[0] if minutes else None,
        "earlier": minutes[1:],
        "remarks": found.remarks.all() if is_rgc else (),
        "waits": bool(minutes) and found.state == MeetingState.HELD,
        "section": "suivi",
    }
    return render(request, "accounts/meeting.html", context)


@require_POST
@rgc_only
def meeting_agree(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The structure's word on the minutes that its RGC has before him."""
    found = meeting_of(request, pk)
    form = AgreeForm(request.POST)
    try:
        if not form.is_valid():
            raise MoveRefused("Relisez le compte rendu, puis validez-le.")
        form.save(found, by=request.user)
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Le compte rendu est validé par les deux parties.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
def meeting_remark(request: MemberRequest, pk: UUID) -> HttpResponse:
    """What the RGC would have France Travail correct."""
    found = meeting_of(request, pk)
    form = RemarkForm(request.POST or None)
    if form.is_valid() and form.save(found, by=request.user):
        messages.success(
            request, "Votre remarque est enregistrée ; France Travail la lit."
        )
        return redirect(found)
    context = {"meeting": found, "form": form, "section": "suivi"}
    return render(request, "accounts/meeting_remark.html", context)


def meeting_of(request: MemberRequest, pk: UUID) -> ReviewMeeting:
    """One of the structure's own.

    Raises:
        Http404: it is another's, or nobody's.
    """
    mine = ReviewMeeting.objects.of_structure_of(request.user)
    return get_object_or_404(mine.select_related("convention"), pk=pk)
