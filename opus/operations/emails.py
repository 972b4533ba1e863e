"""Late regular jobs, sent to staff (R25).

The supervisor's probe sends it too, because a stopped clock cannot: one a day each.
"""

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models import User
from opus.lib.jobs import JobRun
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button


@outbox.mail("jobs-late")
def jobs_late(*, to: int) -> EmailMessage | None:
    reader = User.objects.get(pk=to)
    late = list(JobRun.objects.overdue())
    if not late or not reader.is_active:
        return None
    page = reverse("admin:lib_jobrun_changelist")
    return outbox.compose_email(
        to=reader.email,
        subject="tâches de fond en retard",
        template="operations/emails/jobs_late.txt",
        context={"jobs": late},
        button=Button("Voir les tâches", outbox.link(page)),
    )


def report_late_jobs() -> bool:
    """Return whether a job is late; if so, send e-mails."""
    if not JobRun.objects.overdue().exists():
        return False
    today = timezone.localdate()
    people = User.objects.filter(role=Role.FT_ADMIN, state__in=COUNTED_STATES)
    national = people.filter(agency=None)
    for reader in national.values_list("pk", flat=True):
        jobs_late.post(key=f"{today}:{reader}", to=reader)
    return True
