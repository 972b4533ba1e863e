"""The models of the desk, by subject."""

from opus.desk.models.announcements import (
    Announcement,
    AnnouncementKind,
    AnnouncementReading,
    AnnouncementState,
    AnnouncementStep,
    Audience,
)
from opus.desk.models.incidents import Incident, IncidentUpdate
from opus.desk.models.probes import MeasuredMonth, Probe, ProbeState
from opus.desk.models.surveys import (
    Agreement,
    Survey,
    SurveyAnswer,
    SurveyParticipation,
)
from opus.desk.models.works import PlannedWork

__all__ = [
    "Agreement",
    "Announcement",
    "AnnouncementKind",
    "AnnouncementReading",
    "AnnouncementState",
    "AnnouncementStep",
    "Audience",
    "Incident",
    "IncidentUpdate",
    "MeasuredMonth",
    "PlannedWork",
    "Probe",
    "ProbeState",
    "Survey",
    "SurveyAnswer",
    "SurveyParticipation",
]
