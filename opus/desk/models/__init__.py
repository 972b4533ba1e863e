"""The models of the desk, by subject."""

from opus.desk.models.announcements import (
    Announcement,
    AnnouncementKind,
    AnnouncementReading,
    AnnouncementState,
    Audience,
)
from opus.desk.models.faq import CertifiedBrowser, Guide, Question, Theme
from opus.desk.models.incidents import Incident
from opus.desk.models.probes import MeasuredMonth, Probe, ProbeState
from opus.desk.models.rights import (
    FOUND_IN,
    Check,
    ConcernedCandidate,
    Delay,
    PersonFile,
    PersonKind,
    Refusal,
    RequestState,
    Right,
    RightsRequest,
    Route,
)
from opus.desk.models.surveys import (
    Agreement,
    Survey,
    SurveyAnswer,
    SurveyRespondent,
)
from opus.desk.models.tickets import (
    Closing,
    Due,
    Kind,
    Message,
    Ticket,
    TicketState,
    TicketStep,
    Topic,
)
from opus.desk.models.works import PlannedWork
