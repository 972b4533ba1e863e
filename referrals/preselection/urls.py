from referrals.acts.act_rights import ActKind
from referrals.follow_up.urls import act_urls
from referrals.making.urls import urls_to_make
from referrals.preselection.forms import ScreenedConfirmForm
from referrals.preselection.views import ScreenedPages

urlpatterns = [
    *urls_to_make(
        ActKind.SCREENED_REFERRAL,
        "proposer-en-preselection",
        "screened_referral",
        ScreenedConfirmForm,
    ),
    *act_urls(
        "mises-en-contact/preselection",
        "screened_referral",
        ScreenedPages(),
        steps="screened",
    ),
]
