from accounts.admin.alerts import AlertAdmin
from accounts.admin.amendments import AmendmentAdmin, EndingAdmin
from accounts.admin.breaches import BreachAdmin
from accounts.admin.conventions import ConventionAdmin
from accounts.admin.holds import AccountHoldAdmin
from accounts.admin.letters import LetterAdmin
from accounts.admin.nominations import NominationAdmin
from accounts.admin.partnerships import PartnershipAdmin
from accounts.admin.reviews import TeamReviewAdmin
from accounts.admin.structures import AgencyAdmin, StructureAdmin
from accounts.admin.users import UserAdmin
from accounts.meetings.admin import ReviewMeetingAdmin
