from opus.lib.personal_data import Retention, Table, hold

hold(
    Table("desk.AnnouncementReading", Retention.HABITS, ("account",)),
    # A public text: an account only wrote it.
    Table("desk.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
)
