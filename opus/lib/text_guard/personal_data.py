from opus.lib.personal_data import Retention, Table, hold

# An account's number, no word of the text.
hold(Table("lib.TextGuardCount", Retention.JOURNAL))
