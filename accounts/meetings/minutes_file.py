"""PDF of a meeting's minutes (art. 11)."""

from django.http import Http404, HttpResponse

from accounts.meetings.models import ReviewMeeting


def file_of(meeting: ReviewMeeting) -> HttpResponse:
    if meeting.minutes_file is None:
        raise Http404
    name = f"compte-rendu-{meeting.held_on}.pdf"
    return HttpResponse(
        bytes(meeting.minutes_file),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
