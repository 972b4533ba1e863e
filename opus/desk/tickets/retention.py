from opus.desk.models.tickets import Ticket
from opus.lib import retention
from opus.lib.personal_data import Retention

retention.deletes(
    Retention.TICKETS,
    "demandes d’assistance",
    Ticket.objects.at_term,
    accounts="author",
)
