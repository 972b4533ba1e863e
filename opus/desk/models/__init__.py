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
from opus.desk.models.messages import Message, Note
from opus.desk.models.person_files import PersonFile
from opus.desk.models.probes import MeasuredMonth, Probe, ProbeState
from opus.desk.models.rights import ConcernedCandidate, RightsRequest
from opus.desk.models.rights_choices import (
    FOUND_IN,
    Check,
    Delay,
    PersonKind,
    Refusal,
    RequestState,
    Right,
    Route,
)
from opus.desk.models.surveys import (
    Agreement,
    Survey,
    SurveyAnswer,
    SurveyRespondent,
)
from opus.desk.models.ticket_choices import (
    Closing,
    Due,
    Kind,
    TicketState,
    Topic,
)
from opus.desk.models.tickets import Ticket, TicketStep
from opus.desk.models.works import PlannedWork
