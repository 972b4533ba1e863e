from opus.lib.privacy.personal_data import Retention, Table, declare

# That the account answered or declined, and never what.
declare(Table("desk.SurveyRespondent", Retention.HABITS, ("account",)))
