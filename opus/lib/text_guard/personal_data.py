from opus.lib.privacy.personal_data import Retention, Table, declare
from opus.lib.privacy.retention import Counts, Job, purged_by
from opus.lib.text_guard.models import TextGuardCount

# It stores an account's number, no word of the text.
declare(Table("lib.TextGuardCount", Retention.JOURNAL))


def refusals_at_term() -> Counts:
    return {"textes refusés": TextGuardCount.objects.past().count()}


purged_by(Job(Retention.JOURNAL, "purge-refusals", refusals_at_term))
