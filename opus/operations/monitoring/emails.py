"""The e-mail about late jobs (R25)."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
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
        template="operations/monitoring/emails/jobs_late.txt",
        context={"jobs": late},
        button=Button("Voir les tâches", outbox.link(page)),
    )
