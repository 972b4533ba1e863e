from opus.lib.personal_data import Retention, Table, hold

# That the account answered or declined, and never what.
hold(Table("desk.SurveyRespondent", Retention.HABITS, ("account",)))
