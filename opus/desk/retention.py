"""Requests for assistance, for an opinion and of article 10 go at their term."""

from opus.desk.models import RightsRequest, SecondOpinion, Ticket
from opus.lib import retention
from opus.lib.personal_data import Retention

retention.deletes(Retention.TICKETS, "demandes d’assistance", Ticket.objects.at_term)
retention.deletes(
    Retention.TICKETS, "avis demandés sur des textes", SecondOpinion.objects.at_term
)
retention.deletes(
    Retention.REQUESTS, "demandes d’exercice des droits", RightsRequest.objects.at_term
)
