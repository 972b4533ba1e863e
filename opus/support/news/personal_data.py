from opus.lib.privacy.personal_data import Retention, Table, declare

declare(
    Table("desk.AnnouncementReading", Retention.HABITS, ("account",)),
    # A public text; the only personal data is its author's account.
    Table("desk.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
)
