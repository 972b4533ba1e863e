"""The models of the desk, by subject."""

from opus.desk.models.faq import CertifiedBrowser, Guide, Question, Theme
from opus.desk.models.tickets import (
    Closing,
    Due,
    Kind,
    Message,
    Note,
    Ticket,
    TicketState,
    TicketStep,
    Topic,
)

__all__ = [
    "CertifiedBrowser",
    "Closing",
    "Due",
    "Guide",
    "Kind",
    "Message",
    "Note",
    "Question",
    "Theme",
    "Ticket",
    "TicketState",
    "TicketStep",
    "Topic",
]
