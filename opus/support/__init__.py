"""Help, tickets, news, surveys, data rights, status of the service."""
