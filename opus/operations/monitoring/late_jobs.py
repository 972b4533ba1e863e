"""Late regular jobs, sent to staff (R25).

The supervisor's probe sends it too, because a stopped clock cannot: one a day each.
"""

from django.utils import timezone

from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models.users import User
from opus.lib.jobs import JobRun
from opus.operations.monitoring import emails


def report() -> bool:
    """Return whether a job is late; if so, send e-mails."""
    if not JobRun.objects.overdue().exists():
        return False
    today = timezone.localdate()
    people = User.objects.filter(role=Role.FT_ADMIN, state__in=COUNTED_STATES)
    national = people.filter(agency=None)
    for reader in national.values_list("pk", flat=True):
        emails.jobs_late.post(key=f"{today}:{reader}", to=reader)
    return True
