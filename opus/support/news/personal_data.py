from opus.lib.privacy.personal_data import Retention, Table, declare

declare(
    Table("desk.AnnouncementReading", Retention.HABITS, ("account",)),
    # A public text: an account only wrote it.
    Table("desk.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
)
