"""Delete the offers that closed accounts opened (V9)."""

from accounts.users.enums import UserState
from offers.page.models import SeenOffer
from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention


def forget_seen() -> retention.Counts:
    """Delete these rows, except under legal hold (V11)."""
    free = retention.free(accounts="account")
    seen = SeenOffer.objects.filter(free, account__state=UserState.CLOSED)
    return retention.deleted(seen)


rehearsed = retention.rehearsed(forget_seen)
retention.purged_by(retention.Job(Retention.HABITS, "forget-seen-offers", rehearsed))
