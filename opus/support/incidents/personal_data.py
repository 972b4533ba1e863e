from opus.lib.privacy.personal_data import Retention, Table, declare

# A public text: an account only wrote it.
declare(Table("desk.IncidentUpdate", Retention.ACCOUNT, others=("by",)))
