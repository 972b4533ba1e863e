from opus.lib.privacy.personal_data import Retention, Table, declare

# The only personal data is the account that closed the line; it goes with its import.
declare(Table("offers.QuarantineStep", Retention.ACCOUNT, others=("by",)))
