"""France Travail's pages of the desk, by subject."""

from opus.desk.admin import faq, tickets

__all__ = ["faq", "tickets"]
