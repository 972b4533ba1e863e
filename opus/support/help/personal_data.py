from opus.lib.privacy.personal_data import Retention, Table, declare

# Public texts; the only personal data is their author's account.
declare(
    Table("support.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
)
