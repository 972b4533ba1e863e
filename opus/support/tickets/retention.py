from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention
from opus.support.tickets.models import Ticket

retention.deletes(
    Retention.TICKETS,
    "demandes d’assistance",
    Ticket.objects.at_term,
    accounts="author",
)
