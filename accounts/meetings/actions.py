"""Actions of the parties on a review meeting (art. 11)."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone

from accounts.agreements import jobs
from accounts.agreements.jobs import record
from accounts.meetings import emails
from accounts.meetings.models import Reply, ReviewMeeting
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from opus.lib.web import pdf_file


def file_of(meeting: ReviewMeeting) -> HttpResponse:
    if meeting.minutes_file is None:
        raise Http404
    name = f"compte-rendu-{meeting.held_on}.pdf"
    return pdf_file(meeting.minutes_file, name, "attachment")


ANSWERED = "Votre structure a déjà répondu sur ce compte rendu."


def notify_rgc(meeting: ReviewMeeting) -> None:
    """E-mail the RGC once per version of the minutes."""
    meeting.refresh_from_db(fields=["version", "has_file"])
    if meeting.awaits_reply:
        pk, key = str(meeting.pk), f"{meeting.pk}:{meeting.version}"
        jobs.notify_rgc(emails.minutes_to_read, meeting.convention, key, meeting=pk)


@transaction.atomic
def attach(meeting: ReviewMeeting, *, by: User, file: bytes) -> None:
    """Replace the PDF; raise MoveRefused once answered."""
    meeting = lock(meeting)
    if not meeting.attended:
        raise MoveRefused(
            "Inscrivez d’abord les présents : la réunion n’est pas tenue."
        )
    if meeting.reply:
        raise MoveRefused("Le RGC a répondu : le compte rendu ne change plus.")
    meeting.minutes_file = file
    meeting.save(update_fields=["minutes_file"])
    record(meeting, by, "attach")
    notify_rgc(meeting)


@transaction.atomic
def reply(meeting: ReviewMeeting, *, by: User, version: int, remark: str = "") -> None:
    """Record one answer, on the version read; raise MoveRefused."""
    meeting = lock(meeting)
    if by.role != Role.RGC or by.structure_id != meeting.convention.structure_id:
        raise MoveRefused("Le RGC de la structure valide ou commente le compte rendu.")
    if meeting.reply:
        raise MoveRefused(ANSWERED)
    if not meeting.has_minutes:
        raise MoveRefused("Il n’y a pas encore de compte rendu à accepter.")
    if meeting.version != version:
        raise MoveRefused(
            "Le compte rendu a changé depuis que vous l’avez ouvert : relisez-le, "
            "puis répondez."
        )
    meeting.reply = Reply.REMARK if remark else Reply.AGREED
    meeting.remark = remark
    meeting.replied_by, meeting.replied_at = by, timezone.now()
    meeting.save(update_fields=["reply", "remark", "replied_by", "replied_at"])
    record(meeting, by, meeting.reply)


def lock(meeting: ReviewMeeting) -> ReviewMeeting:
    rows = ReviewMeeting.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("convention").get(pk=meeting.pk)
