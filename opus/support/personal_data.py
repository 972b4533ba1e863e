"""Which tables of the assistance hold personal data."""

from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention, Table, declare
from opus.support.tickets.models import Ticket

declare(
    # Public texts: the only personal data is their author's account.
    Table("support.IncidentUpdate", Retention.ACCOUNT, others=("by",)),
    Table("support.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
    Table("support.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
    Table("support.AnnouncementReading", Retention.HABITS, ("account",)),
    # Whether the account answered or declined, never its answers.
    Table("support.SurveyRespondent", Retention.HABITS, ("account",)),
    Table("support.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("support.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
)

rows = Ticket.objects.at_term
retention.deletes(Retention.TICKETS, "demandes d’assistance", rows, accounts="author")
