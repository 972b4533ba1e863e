"""The factory of each kind of act, and the name of its list."""

from referrals.acts.act_rights import ActKind
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import AppointmentFactory, ReferralFactory
from tests.referrals.screened import ScreenedReferralFactory

FACTORIES = {
    ActKind.REFERRAL: ReferralFactory,
    ActKind.SCREENED_REFERRAL: ScreenedReferralFactory,
    ActKind.CV_REQUEST: CvRequestFactory,
    ActKind.APPOINTMENT: AppointmentFactory,
}
LISTS = {kind: f"{kind.name.lower()}s" for kind in FACTORIES}
