from opus.support.tickets.models.choices import (
    FINAL,
    MESSAGE_MAX,
    OF_THE_WRITER,
    OWED,
    PROPOSAL_STATES,
    REASON_MAX,
    TOO_LATE,
    WRONG_CLOSING,
    Closing,
    Due,
    Kind,
    TicketState,
    Topic,
)
from opus.support.tickets.models.messages import Message, Note
from opus.support.tickets.models.tickets import SIGNER, Ticket, TicketStep
