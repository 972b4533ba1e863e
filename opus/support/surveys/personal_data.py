from opus.lib.privacy.personal_data import Retention, Table, declare

# Whether the account answered or declined, never its answers.
declare(Table("support.SurveyRespondent", Retention.HABITS, ("account",)))
