from opus.lib.personal_data import Retention, Table, hold

# Public texts: an account only wrote them.
hold(
    Table("desk.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
)
