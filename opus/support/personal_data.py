"""Which tables of the assistance hold personal data."""

from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention, Table, declare
from opus.support.tickets.models import Ticket

# A public text; the only personal data is its author's account.
declare(Table("support.IncidentUpdate", Retention.ACCOUNT, others=("by",)))


# Public texts; the only personal data is their author's account.
declare(
    Table("support.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
)


declare(
    Table("support.AnnouncementReading", Retention.HABITS, ("account",)),
    # A public text; the only personal data is its author's account.
    Table("support.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
)


# Whether the account answered or declined, never its answers.
declare(Table("support.SurveyRespondent", Retention.HABITS, ("account",)))


declare(
    Table("support.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("support.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
)


rows = Ticket.objects.at_term
retention.deletes(Retention.TICKETS, "demandes d’assistance", rows, accounts="author")
