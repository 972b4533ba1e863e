from opus.lib.privacy.personal_data import Retention, Table, declare

# Public texts; the only personal data is their author's account.
declare(
    Table("desk.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
)
