from opus.support.data_rights.models import (
    ConcernedCandidate,
    ConcernedOffer,
    PersonFile,
    Reply,
    RightsGesture,
    RightsRequest,
    RightsRequestStep,
)
from opus.support.help.models import CertifiedBrowser, Guide, Question
from opus.support.news.models import Announcement, AnnouncementReading, AnnouncementStep
from opus.support.service_status.models import (
    Incident,
    IncidentUpdate,
    MeasuredMonth,
    PlannedWork,
    Probe,
)
from opus.support.surveys.models import Survey, SurveyAnswer, SurveyRespondent
from opus.support.tickets.models import Message, Note, Ticket, TicketStep
