"""France Travail's pages of the desk, by subject."""

from opus.desk.admin.incidents import IncidentAdmin
from opus.desk.admin.news import AnnouncementAdmin
from opus.desk.admin.surveys import SurveyAdmin
from opus.desk.admin.works import PlannedWorkAdmin

__all__ = ["AnnouncementAdmin", "IncidentAdmin", "PlannedWorkAdmin", "SurveyAdmin"]
