"""What the tables of the desk hold about persons: who asked for help, who answered."""

from opus.lib.personal_data import Retention, Table, hold

hold(
    Table("desk.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
)
