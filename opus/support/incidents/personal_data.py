from opus.lib.privacy.personal_data import Retention, Table, declare

# A public text; the only personal data is its author's account.
declare(Table("support.IncidentUpdate", Retention.ACCOUNT, others=("by",)))
