from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention
from opus.support.tickets.models import Ticket

rows = Ticket.objects.at_term
retention.deletes(Retention.TICKETS, "demandes d’assistance", rows, accounts="author")
