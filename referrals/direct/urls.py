from referrals.acts.act_rights import ActKind
from referrals.direct.views import ReferralPages
from referrals.follow_up.urls import act_urls
from referrals.making.forms import ConfirmForm
from referrals.making.urls import urls_to_make

urlpatterns = [
    *urls_to_make(ActKind.REFERRAL, "mettre-en-contact", "referral", ConfirmForm),
    *act_urls("mises-en-contact", "referral", ReferralPages()),
]
