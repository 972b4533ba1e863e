"""The retention of the counts of refused texts (V4)."""

from opus.lib.privacy.personal_data import Retention
from opus.lib.privacy.retention import Counts, Job, purged_by
from opus.lib.text_guard.models import TextGuardCount


def refusals_at_term() -> Counts:
    return {"textes refusés": TextGuardCount.objects.past().count()}


purged_by(Job(Retention.JOURNAL, "purge-refusals", refusals_at_term))
