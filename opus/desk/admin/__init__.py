"""France Travail's pages of the desk, by subject."""

from opus.desk.admin import (
    faq,
    incidents,
    news,
    rights,
    surveys,
    tickets,
    works,
)
