"""Support: help, tickets, news, surveys, data rights, the status of the service."""
