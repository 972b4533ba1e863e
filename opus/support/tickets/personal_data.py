from opus.lib.privacy.personal_data import Retention, Table, declare

declare(
    Table("desk.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("desk.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
)
