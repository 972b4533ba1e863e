"""PDF of a meeting's minutes (art. 11)."""

from django.http import Http404, HttpResponse

from accounts.meetings.models import ReviewMeeting
from opus.lib.web import pdf_file


def file_of(meeting: ReviewMeeting) -> HttpResponse:
    if meeting.minutes_file is None:
        raise Http404
    name = f"compte-rendu-{meeting.held_on}.pdf"
    return pdf_file(meeting.minutes_file, name, "attachment")
