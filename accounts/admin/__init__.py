"""France Travail's pages on structures, conventions, RGC and accounts, by subject."""

from accounts.admin.conventions import ConventionAdmin
from accounts.admin.letters import LetterAdmin
from accounts.admin.nominations import NominationAdmin
from accounts.admin.reviews import TeamReviewAdmin
from accounts.admin.structures import AgencyAdmin, StructureAdmin
from accounts.admin.users import UserAdmin

__all__ = [
    "AgencyAdmin",
    "ConventionAdmin",
    "LetterAdmin",
    "NominationAdmin",
    "StructureAdmin",
    "TeamReviewAdmin",
    "UserAdmin",
]
