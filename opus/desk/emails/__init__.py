"""The letters of the desk, by subject. The outbox knows those imported here."""

from opus.desk.emails import tickets

__all__ = ["tickets"]
