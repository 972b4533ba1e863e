"""The desk: help, tickets, announcements, surveys and the status of the service."""
