"""What closed accounts kept of offers goes: nobody comes back to it (V9)."""

from accounts.models import UserState
from offers.models import SavedSearch, SeenOffer
from opus.lib import retention
from opus.lib.personal_data import Retention


def forget_habits() -> retention.Counts:
    """Delete what closed accounts kept, but for who is kept past the term (V11)."""
    counts: retention.Counts = {}
    for model in (SavedSearch, SeenOffer):
        rows = model.objects.filter(
            retention.free(accounts="account"), account__state=UserState.CLOSED
        )
        counts |= retention.deleted(rows)
    return counts


retention.purged_by(
    retention.Job(Retention.HABITS, "tidy-searches", retention.rehearsed(forget_habits))
)
