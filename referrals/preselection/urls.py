from django.urls import path

from referrals.acts.act_rights import ActKind
from referrals.follow_up.urls import step_urls
from referrals.making.urls import urls_to_make
from referrals.preselection import views
from referrals.preselection.forms import ScreenedConfirmForm

urlpatterns = [
    *urls_to_make(
        ActKind.SCREENED_REFERRAL,
        "proposer-en-preselection",
        "screened_referral",
        ScreenedConfirmForm,
    ),
    path(
        "mises-en-contact/preselection/",
        views.screened_referrals,
        name="screened_referrals",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/",
        views.screened_referral,
        name="screened_referral",
    ),
    *step_urls(
        "mises-en-contact/preselection", "screened", views.screened_step, views.STEPS
    ),
]
