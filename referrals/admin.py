from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from opus.lib.model_admin.staff_admin import NationalAdmin
from referrals.acts.outcomes import OutcomeCode
from referrals.appointments.admin import AppointmentAdmin, SlotAdmin
from referrals.caseloads.admin import AccountAdmin, CaseloadTransferAdmin
from referrals.cv_requests.admin import CvRequestAdmin
from referrals.direct.admin import ReferralAdmin
from referrals.preselection.admin import ScreenedReferralAdmin
from referrals.privacy.admin import CandidateHoldAdmin


@admin.register(OutcomeCode)
class OutcomeCodeAdmin(NationalAdmin):
    list_display = ("position", "label", "kind", "code", "is_open")
    list_display_links = ("label",)
    list_filter = ("is_open", "kind")
    search_fields = ("label", "code")
    fields = ("label", "code", "kind", "position", "is_open")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A code never changes: acts and extracts use it."""
        return ("code",) if obj else ()
