from opus.support.availability.models import MeasuredMonth, Probe
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
from opus.support.incidents.models import Incident, IncidentUpdate
from opus.support.maintenance.models import PlannedWork
from opus.support.news.models import Announcement, AnnouncementReading, AnnouncementStep
from opus.support.surveys.models import Survey, SurveyAnswer, SurveyRespondent
from opus.support.tickets.models import Message, Note, Ticket, TicketStep
