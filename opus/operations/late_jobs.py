"""Regular jobs that are late: the desk shows them, staff are written to (R25).

A clock that stopped cannot tell so itself: the supervisor's probe, which finds the same
jobs late, asks for the letter as well. One letter a day to each, whoever asks for it.
"""

from django.utils import timezone

from accounts.models import Role, User
from accounts.models.users import COUNTED_STATES
from opus.lib.models import JobRun
from opus.operations import emails


def tell() -> bool:
    """Have staff written to where a job is late, and say whether one is."""
    if not JobRun.objects.overdue().exists():
        return False
    today = timezone.localdate()
    national = User.objects.filter(
        role=Role.FT_ADMIN, agency=None, state__in=COUNTED_STATES
    )
    for reader in national.values_list("pk", flat=True):
        emails.jobs_late.post(key=f"{today}:{reader}", to=reader)
    return True
