from django.urls import path

from referrals.acts.act_rights import ActKind
from referrals.direct import views
from referrals.follow_up.urls import step_urls
from referrals.making.forms import ConfirmForm
from referrals.making.urls import urls_to_make

urlpatterns = [
    *urls_to_make(ActKind.REFERRAL, "mettre-en-contact", "referral", ConfirmForm),
    path("mises-en-contact/", views.referrals, name="referrals"),
    path("mises-en-contact/<uuid:pk>/", views.referral, name="referral"),
    *step_urls("mises-en-contact", "referral", views.referral_step, views.STEPS),
]
