"""The retention of the counts of refused texts (V4)."""

from opus.lib import retention
from opus.lib.models.text_guard import TextGuardCount
from opus.lib.personal_data import Retention


def refusals_at_term() -> retention.Counts:
    return {"textes refusés": TextGuardCount.objects.past().count()}


retention.purged_by(
    retention.Job(Retention.JOURNAL, "purge-refusals", refusals_at_term)
)
