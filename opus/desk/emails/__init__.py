"""The letters of the desk, by subject. The outbox knows those imported here."""

from opus.desk.emails import incidents, news, tickets

__all__ = ["incidents", "news", "tickets"]
