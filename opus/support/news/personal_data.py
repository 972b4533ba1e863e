from opus.lib.privacy.personal_data import Retention, Table, declare

declare(
    Table("support.AnnouncementReading", Retention.HABITS, ("account",)),
    # A public text; the only personal data is its author's account.
    Table("support.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
)
