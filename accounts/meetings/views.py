"""Review meetings: the RGC answers, advisers read decisions (art. 11)."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.meetings.actions import ANSWERED, file_of
from accounts.meetings.forms import ReplyForm
from accounts.meetings.models import ReviewMeeting
from accounts.signin.access import MemberRequest, partner_only, rgc_only
from accounts.users.enums import Role
from opus.lib.web import paginate


@require_safe
@partner_only
def meetings(request: MemberRequest) -> HttpResponse:
    mine = ReviewMeeting.objects.of_structure_of(request.user).defer("minutes_file")
    context = {
        "page": paginate(request, mine),
        "is_due": request.structure.conventions.without_review().exists(),
        "months": settings.MEETING_EVERY_MONTHS,
        "section": "suivi",
    }
    return render(request, "accounts/meetings/list.html", context)


@require_safe
@partner_only
def meeting(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show decisions to everybody; minutes and answer to the RGC."""
    found = meeting_of(request, pk)
    may_reply = request.user.role == Role.RGC and found.awaits_reply
    form = ReplyForm(initial={"version": found.version}) if may_reply else None
    return page_of(request, found, form)


@require_POST
@rgc_only
def meeting_reply(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = meeting_of(request, pk)
    form = ReplyForm(request.POST)
    if form.is_valid() and form.save(found, by=request.user):
        messages.success(request, "Votre réponse est enregistrée au dossier.")
        return redirect(found)
    found.refresh_from_db()
    if found.reply:
        messages.error(request, ANSWERED)
        return redirect(found)
    return page_of(request, found, form)


@require_safe
@rgc_only
def meeting_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    return file_of(meeting_of(request, pk))


def page_of(
    request: MemberRequest, found: ReviewMeeting, form: ReplyForm | None
) -> HttpResponse:
    context = {
        "meeting": found,
        "form": form,
        "is_rgc": request.user.role == Role.RGC,
        "section": "suivi",
    }
    return render(request, "accounts/meetings/meeting.html", context)


def meeting_of(request: MemberRequest, pk: UUID) -> ReviewMeeting:
    mine = ReviewMeeting.objects.of_structure_of(request.user)
    return get_object_or_404(mine.select_related("convention"), pk=pk)
