"""The retention of the counts of refused texts (V4)."""

from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention
from opus.lib.text_guard.models import TextGuardCount


def refusals_at_term() -> retention.Counts:
    return {"textes refusés": TextGuardCount.objects.past().count()}


retention.purged_by(
    retention.Job(Retention.JOURNAL, "purge-refusals", refusals_at_term)
)
