from opus.lib.privacy.personal_data import Retention, Table, declare

# It stores an account's number, no word of the text.
declare(Table("lib.TextGuardCount", Retention.JOURNAL))
