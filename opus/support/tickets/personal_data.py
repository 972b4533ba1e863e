from opus.lib.privacy.personal_data import Retention, Table, declare

declare(
    Table("support.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("support.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("support.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
)
