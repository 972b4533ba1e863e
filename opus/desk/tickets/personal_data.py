from opus.lib.personal_data import Retention, Table, hold

hold(
    Table("desk.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("desk.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
)
