from accounts.agreements.admin.amendments import (
    AmendmentAdmin,
    BreachAdmin,
    EndingAdmin,
)
from accounts.agreements.admin.conventions import (
    ConventionAdmin,
    ModelTextAdmin,
    PartnershipAdmin,
)
from accounts.agreements.admin.letters import LetterAdmin
from accounts.exports.admin import PrintedLetterAdmin
from accounts.meetings.admin import ReviewMeetingAdmin
from accounts.nominations.admin import NominationAdmin
from accounts.security.admin import AlertAdmin
from accounts.structures.admin import AgencyAdmin, StructureAdmin
from accounts.team.admin import TeamReviewAdmin, UserAdmin
from accounts.users.admin import AccountHoldAdmin
