"""The news of Opus, for partners (art. 6)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.signin.access import MemberRequest, partner_only
from opus.lib.web import paginate
from opus.support.news.models import Announcement, AnnouncementState


@require_safe
@partner_only
def announcements(request: MemberRequest) -> HttpResponse:
    mine = Announcement.objects.visible_to(request.user).with_unread(request.user)
    page = paginate(request, mine)
    return render(request, "support/news/announcements.html", {"page": page})


@require_safe
@partner_only
def announcement(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one with its note, and mark it as read; 410 once withdrawn."""
    mine = Announcement.objects.addressed_to(request.user)
    found = get_object_or_404(mine.exclude(state=AnnouncementState.DRAFT), pk=pk)
    if found.is_withdrawn:
        context = {"withdrawn_at": found.steps.latest("pk").at}
        return render(request, "support/news/withdrawn.html", context, status=410)
    found.read_by(request.user)
    return render(request, "support/news/announcement.html", {"announcement": found})
