from opus.lib.personal_data import Retention, Table, hold

# A public text: an account only wrote it.
hold(Table("desk.IncidentUpdate", Retention.ACCOUNT, others=("by",)))
